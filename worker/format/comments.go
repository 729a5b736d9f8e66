package format

import "strings"

// scanGap returns the comments and empty lines between two offsets without
// values. It skips spaces and indicators, which are written again.
func (src *source) scanGap(from, to int) []line {
	var lines []line
	atLineStart := src.lineStart(from) == from
	beside, afterHyphen := !atLineStart, false
	for i := from; i < to; i++ {
		if n := breakLength(src.s, i); n > 0 {
			if atLineStart && !endsEmpty(lines) {
				lines = append(lines, line{afterHyphen: afterHyphen})
			}
			atLineStart, beside = true, false
			i += n - 1
			continue
		}
		switch c := src.s[i]; {
		case c == '#':
			end := min(src.lineEnd(i), to)
			text := strings.TrimRight(src.s[i:end], " \t")
			lines = append(lines, line{text: text, column: src.columnAt(i), beside: beside, afterHyphen: afterHyphen})
			i = end - 1
			atLineStart = false
		case c != ' ' && c != '\t':
			atLineStart, afterHyphen = false, afterHyphen || c == '-' || c == '?'
		}
	}
	return lines
}

func endsEmpty(lines []line) bool { return len(lines) > 0 && lines[len(lines)-1].isEmpty() }

// onlyComments returns the lines without empty ones.
func onlyComments(lines []line) []line {
	var out []line
	for _, l := range lines {
		if !l.isEmpty() {
			out = append(out, l)
		}
	}
	return out
}

// trimEmpty removes empty lines at both ends.
func trimEmpty(lines []line) []line {
	for len(lines) > 0 && lines[0].isEmpty() {
		lines = lines[1:]
	}
	for endsEmpty(lines) {
		lines = lines[:len(lines)-1]
	}
	return lines
}
