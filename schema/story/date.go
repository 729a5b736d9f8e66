package story

import "strings"

// dateText describes an EDTF level 1 date that few readers know: 199X is the
// 1990s. Others are returned unchanged.
func (d Describer) dateText(s string) string {
	if len(s) != 4 || strings.Trim(s, "0123456789X") != "" {
		return s
	}
	switch strings.IndexByte(s, 'X') {
	case 3:
		return d.formatPhrase("decade", s[:3]+"0")
	case 2:
		if s[3] == 'X' {
			return d.formatPhrase("century", s[:2]+"00", s[:2]+"99")
		}
	}
	return s
}
