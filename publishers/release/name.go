package release

import (
	"io/fs"
	"path/filepath"
	"strings"
)

const (
	maxSegment = 255  // bytes; NAME_MAX of every common file system
	maxName    = 2048 // bytes; leaves room for the folders above within PATH_MAX
	maxLabel   = 128
)

// checkName accepts a slash-separated path of a file below a release: valid
// UTF-8, local, in its shortest form, without control characters (the index has
// a line for each file) and backslashes (a separator on Windows).
func checkName(name string) error {
	switch {
	case name == "." || !fs.ValidPath(name) || !filepath.IsLocal(filepath.FromSlash(name)):
		return &NameError{name, "not a path below the release"}
	case strings.ContainsFunc(name, isForbidden):
		return &NameError{name, "holds a control character or a backslash"}
	case len(name) > maxName:
		return &NameError{name, "too long"}
	}
	for segment := range strings.SplitSeq(name, "/") {
		if len(segment) > maxSegment {
			return &NameError{name, "a part of it is too long"}
		}
	}
	return nil
}

func isForbidden(r rune) bool { return r < ' ' || r == 0x7f || r == '\\' }

// checkLabel accepts letters, digits, '-' and '_'. Without a dot, the name of a
// release cannot be that of an index.
func checkLabel(label string) error {
	if label == "" || len(label) > maxLabel {
		return &NameError{label, "a label has 1 to 128 characters"}
	}
	if strings.ContainsFunc(label, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}) {
		return &NameError{label, "a label has letters, digits, '-' and '_' only"}
	}
	return nil
}
