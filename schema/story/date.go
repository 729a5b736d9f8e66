package story

import "strings"

// date words a date of EDTF level 1 that only a librarian would understand:
// 199X is the 1990s. Others are shown as they are written.
func (d Describer) date(s string) string {
	if len(s) != 4 || strings.Trim(s, "0123456789X") != "" {
		return s
	}
	switch strings.IndexByte(s, 'X') {
	case 3:
		return d.phrasef("decade", s[:3]+"0")
	case 2:
		if s[3] == 'X' {
			return d.phrasef("century", s[:2]+"00", s[:2]+"99")
		}
	}
	return s
}
