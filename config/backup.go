package config

import (
	"fmt"
	"strings"

	"filippo.io/age"
)

// Backup configures backups of the data that Git does not have.
type Backup struct {
	Schedule Schedule `yaml:"schedule" default:"0 3 * * *" doc:"When netsync run makes a backup, where backup.to is set."`
	To       string   `yaml:"to" check:"backupto" doc:"Where backups go: a folder, or s3://BUCKET/FOLDER with AWS's own environment variables (AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY); empty makes none by itself."`
	Keep     int      `yaml:"keep" default:"7" min:"1" max:"1000" doc:"Backups that stay in backup.to; older ones are removed."`
	Key      string   `yaml:"key" check:"agekey" doc:"Public key that backups are encrypted to, an age recipient (age1...), or several with commas between; netsync backup --new-key FILE makes one."`
}

// Recipients returns the keys to which backups are encrypted; none if backup.key is not set.
func (b Backup) Recipients() ([]age.Recipient, error) { return parseRecipients(b.Key) }

func parseRecipients(text string) ([]age.Recipient, error) {
	if text == "" {
		return nil, nil
	}
	return age.ParseRecipients(strings.NewReader(strings.ReplaceAll(text, ",", "\n")))
}

// checkAgeKey checks public keys. Its message does not quote a secret key.
func checkAgeKey(text string) *fault {
	const remedy = "write the public key, age1..., that netsync backup --new-key FILE or age-keygen prints"
	if strings.Contains(strings.ToUpper(text), "AGE-SECRET-KEY-") {
		return &fault{"is a secret key, which does not belong on this machine", remedy}
	}
	if _, err := parseRecipients(text); err != nil {
		return &fault{"is no age recipient", remedy}
	}
	return nil
}

// checkBackupTo makes a folder absolute.
func checkBackupTo(text, base string) (string, *fault) {
	rest, bucket := strings.CutPrefix(text, "s3://")
	switch {
	case !bucket && strings.Contains(text, "://"):
		return text, &fault{fmt.Sprintf("is %q", text), "write a folder, or s3://BUCKET/FOLDER"}
	case !bucket:
		return resolvePath(text, base), nil
	case strings.Trim(rest, "/") == "" || strings.ContainsAny(rest, "@ ?#"):
		return text, &fault{"names no bucket", "write s3://BUCKET/FOLDER; keys come from the environment"}
	}
	return text, nil
}

// checkBackup reports keys that do not fit together.
func (c *Config) checkBackup(report func(key, problem, remedy string)) {
	if c.Backup.To != "" && c.Backup.Key == "" {
		report("backup.to", "is set, and backup.key is not", "set backup.key: backups hold the subscribers' addresses; netsync backup --new-key FILE makes a key")
	}
}
