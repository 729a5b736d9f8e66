package format

import "strings"

// gap returns the comments and empty lines from one offset to another, where no
// value stands: what else there is are blanks and the indicators of YAML, which
// are written anew.
func (src *source) gap(from, to int) []line {
	var lines []line
	fresh := src.lineStart(from) == from
	beside, begun := !fresh, false
	for i := from; i < to; i++ {
		if n := breakAt(src.s, i); n > 0 {
			if fresh && !endsEmpty(lines) {
				lines = append(lines, line{begun: begun})
			}
			fresh, beside = true, false
			i += n - 1
			continue
		}
		switch c := src.s[i]; {
		case c == '#':
			end := min(src.lineEnd(i), to)
			text := strings.TrimRight(src.s[i:end], " \t")
			lines = append(lines, line{text: text, column: src.column(i), beside: beside, begun: begun})
			i = end - 1
			fresh = false
		case c != ' ' && c != '\t':
			fresh, begun = false, begun || c == '-' || c == '?'
		}
	}
	return lines
}

func endsEmpty(lines []line) bool { return len(lines) > 0 && lines[len(lines)-1].empty() }

// onlyComments leaves out the empty lines.
func onlyComments(lines []line) []line {
	var out []line
	for _, l := range lines {
		if !l.empty() {
			out = append(out, l)
		}
	}
	return out
}

// trimEmpty leaves out the empty lines at both ends.
func trimEmpty(lines []line) []line {
	for len(lines) > 0 && lines[0].empty() {
		lines = lines[1:]
	}
	for endsEmpty(lines) {
		lines = lines[:len(lines)-1]
	}
	return lines
}
