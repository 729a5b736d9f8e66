package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"reflect"
)

// Load reads the file at path and then the environment ("NAME=value", as from
// os.Environ). With an empty path there is the environment only, and relative
// paths are below the working folder.
//
// The error joins an [*Error] for each problem. Config is nil with it.
func Load(path string, environ []string) (*Config, error) {
	if path == "" {
		return Parse("", nil, environ)
	}
	data, err := readAll(path)
	if err != nil {
		remedy := "name a readable file"
		if errors.Is(err, fs.ErrNotExist) {
			remedy = "name the file with -c, or set everything in the environment and name none"
		}
		return nil, &Error{File: path, Problem: "cannot be read: " + withoutPath(err), Remedy: remedy, cause: err}
	}
	return Parse(path, data, environ)
}

// readAll reads at most one byte more than the maximum, so that Parse refuses the file.
func readAll(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// withoutPath returns an error of the file system without its path, which Error has.
func withoutPath(err error) string {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err.Error()
	}
	return err.Error()
}

// Parse is [Load] for the content of a file. Errors have its name, and relative paths are
// below its folder.
func Parse(name string, data []byte, environ []string) (*Config, error) {
	base, err := filepath.Abs(filepath.Dir(name))
	if err != nil {
		return nil, fmt.Errorf("find the folder of %s: %w", name, err)
	}
	var (
		wrong   problems
		fields  = fieldsOf()
		c       = &Config{file: name, origins: map[string]Origin{}}
		file    = readFile(name, base, data, fields, &wrong)
		process = readEnviron(environ, base, fields, &wrong)
	)
	for _, f := range fields {
		s := chooseSetting(f, file, process)
		c.origins[f.Path] = s.origin
		v := reflect.ValueOf(c).Elem().FieldByIndex(f.index)
		if isItems(f.Type) {
			if s.items != nil {
				v.Set(reflect.ValueOf(s.items)) // checked where it was read
			}
			continue
		}
		if flt := decode(f, v, s.texts, base); flt != nil {
			wrong.add(s.origin.newError(f.Path, *flt))
		}
	}
	if len(wrong) == 0 {
		c.setDerived()
		c.checkTogether(&wrong)
	}
	if err := wrong.join(); err != nil {
		return nil, err
	}
	return c, nil
}

// chooseSetting returns the setting of the environment, of the file, or the default.
func chooseSetting(f field, file, process map[string]setting) setting {
	if s, ok := process[f.Path]; ok {
		return s
	}
	if s, ok := file[f.Path]; ok {
		return s
	}
	s := setting{origin: Origin{Source: FromDefault}}
	if f.Default != "" {
		s.texts = []string{f.Default}
	}
	return s
}

// setDerived sets the defaults that depend on other keys.
func (c *Config) setDerived() {
	if c.Website.BaseURL == "" {
		c.Website.BaseURL = c.ownURL()
	}
	if c.Newsletter.BaseURL == "" {
		c.Newsletter.BaseURL = c.Website.BaseURL
	}
	if c.GitHub.Repository == "" {
		c.GitHub.Repository = gitHubRepository(c.Dataset.Repository, c.GitHub.APIURL)
	}
}

// ownURL returns the URL of the HTTP server on this machine.
func (c *Config) ownURL() string {
	host, port, _ := net.SplitHostPort(c.HTTP.Listen)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// checkTogether reports valid keys that do not fit together.
func (c *Config) checkTogether(wrong *problems) {
	report := func(key, problem, remedy string) {
		wrong.add(c.origins[key].newError(key, fault{problem, remedy}))
	}
	c.checkHTTP(report)
	c.checkNATS(report)
	c.checkNewsletter(report)
	c.checkBackup(report)
	c.checkGitHub(report)
	c.checkPush(report)
}

// checkNATS reports keys of the broker that do not fit together.
func (c *Config) checkNATS(report func(key, problem, remedy string)) {
	n := c.NATS
	if n.Replicas > 1 && n.URL == "" {
		report("nats.replicas", fmt.Sprintf("is %d, and the embedded server is alone", n.Replicas), "set nats.url to a cluster, or leave nats.replicas at 1")
	}
	if n.URL == "" && n.Listen != "" && !IsLoopbackListen(n.Listen) {
		report("nats.listen", "is not an address of this machine alone, and whoever reaches the embedded server may read it without a password",
			"keep 127.0.0.1:4222; for other machines run a NATS server with config/deploy/nats/roles.conf, and set nats.url")
	}
	if n.Credentials != "" && n.NKey != "" {
		report("nats.nkey", "is set, and nats.credentials as well", "keep the one that the server knows this process by")
	}
	const together = "set both, the certificate and its private key, or neither"
	if n.Cert != "" && n.Key == "" {
		report("nats.cert", "is set, and nats.key is not", together)
	}
	if n.Key != "" && n.Cert == "" {
		report("nats.key", "is set, and nats.cert is not", together)
	}
}
