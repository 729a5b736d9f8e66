package schema

import "strings"

// edtfFormPattern is the pattern of dates in common.schema.json.
const edtfFormPattern = `^(` + edtfFormDate + `|(` + edtfFormDate + `|\.\.)?/(` + edtfFormDate + `|\.\.)?)$`

const edtfFormDate = `([0-9]{4}|[0-9]{3}X|[0-9]{2}XX)(-([0-9]{2}|XX)(-([0-9]{2}|XX))?)?[?~%]?`

// isEDTF reports whether s has the form of a date or of an interval of two.
// Whether there is such a day, ParseEDTF says.
func isEDTF(s string) bool {
	from, to, interval := strings.Cut(s, "/")
	if !interval {
		return isEDTFDate(s)
	}
	return isEDTFEnd(from) && isEDTFEnd(to)
}

// isEDTFEnd is for one end of an interval, which may be open or unknown.
func isEDTFEnd(s string) bool { return s == "" || s == ".." || isEDTFDate(s) }

func isEDTFDate(s string) bool {
	if n := len(s); n > 0 && (s[n-1] == '?' || s[n-1] == '~' || s[n-1] == '%') {
		s = s[:n-1]
	}
	switch len(s) {
	case len("1987"):
		return isYear(s)
	case len("1987-06"):
		return isYear(s[:4]) && isPart(s[4:])
	case len("1987-06-30"):
		return isYear(s[:4]) && isPart(s[4:7]) && isPart(s[7:])
	}
	return false
}

// isYear is for four digits, of which the last or the last two may be X.
func isYear(s string) bool {
	if !isDigit(s[0]) || !isDigit(s[1]) {
		return false
	}
	if s[2] == 'X' {
		return s[3] == 'X'
	}
	return isDigit(s[2]) && (isDigit(s[3]) || s[3] == 'X')
}

// isPart is for a month or day with the hyphen before it.
func isPart(s string) bool {
	return s[0] == '-' && (isDigit(s[1]) && isDigit(s[2]) || s[1] == 'X' && s[2] == 'X')
}
