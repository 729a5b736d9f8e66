package yaml

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// lines knows where the lines and characters of a file are. Its parts are made
// when they are first needed, and then answer in a time that depends neither on
// the length of the file nor on that of the line: a file may be one line of
// 256 KiB with an error in every word.
type lines struct {
	// starts are the offsets at which lines begin. Lines end with a line feed,
	// as they do for Git and for every tool that tells of a line.
	starts []int
	// breaks are the same for the library, to which a carriage return alone
	// and three characters of Unicode end a line, too.
	breaks []int
	// marks count characters: one mark for about every markWidth bytes.
	marks []mark
}

// A mark says how many characters lie before an offset.
type mark struct{ offset, characters int }

const markWidth = 256

// position gives the line and column of an offset, both from 1; columns count
// characters.
func (t *tree) position(offset int) (line, column int) {
	offset = min(offset, len(t.data))
	if t.lines.starts == nil {
		t.lines.starts = lineStarts(t.data)
	}
	line, found := slices.BinarySearch(t.lines.starts, offset)
	if !found {
		line--
	}
	return line + 1, 1 + t.characters(t.lines.starts[line], offset)
}

// characters counts those from one offset to another.
func (t *tree) characters(from, to int) int {
	if to-from <= markWidth {
		return utf8.RuneCount(t.data[from:to])
	}
	return t.charactersBefore(to) - t.charactersBefore(from)
}

func (t *tree) charactersBefore(offset int) int {
	marks := t.marks()
	i, found := slices.BinarySearchFunc(marks, offset, func(m mark, offset int) int { return m.offset - offset })
	if !found {
		i--
	}
	return marks[i].characters + utf8.RuneCount(t.data[marks[i].offset:offset])
}

// offset finds the byte that stands at a line and column of the library's. It
// is never behind the end of the file.
func (t *tree) offset(line, column int) int {
	if t.lines.breaks == nil {
		t.lines.breaks = libraryStarts(t.data)
	}
	if line < 1 || line > len(t.lines.breaks) {
		return len(t.data)
	}
	start := t.lines.breaks[line-1]
	if column <= markWidth {
		return t.skip(start, column-1)
	}
	marks, characters := t.marks(), t.charactersBefore(start)+column-1
	i, found := slices.BinarySearchFunc(marks, characters, func(m mark, n int) int { return m.characters - n })
	if !found {
		i--
	}
	return t.skip(marks[i].offset, characters-marks[i].characters)
}

// skip passes n characters.
func (t *tree) skip(offset, n int) int {
	for ; n > 0 && offset < len(t.data); n-- {
		_, width := utf8.DecodeRune(t.data[offset:])
		offset += width
	}
	return offset
}

func (t *tree) marks() []mark {
	if t.lines.marks != nil {
		return t.lines.marks
	}
	marks := []mark{{}}
	for i, n := 0, 0; i < len(t.data); n++ {
		if i >= len(marks)*markWidth {
			marks = append(marks, mark{i, n})
		}
		_, width := utf8.DecodeRune(t.data[i:])
		i += width
	}
	t.lines.marks = marks
	return marks
}

func lineStarts(data []byte) []int {
	starts := make([]int, 1, 1+bytes.Count(data, []byte("\n")))
	for i, b := range data {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// libraryStarts gives the offsets at which lines begin for the library, which
// follows YAML 1.1 in this. A byte order mark does not count as a character.
func libraryStarts(data []byte) []int {
	first := 0
	if bytes.HasPrefix(data, []byte("\uFEFF")) {
		first = len("\uFEFF")
	}
	if bytes.IndexByte(data, '\r') < 0 && !bytes.ContainsAny(data, "\u0085\u2028\u2029") {
		starts := lineStarts(data)
		starts[0] = first
		return starts
	}
	starts := []int{first}
	for i := first; i < len(data); {
		r, width := utf8.DecodeRune(data[i:])
		i += width
		switch r {
		case '\r':
			if i < len(data) && data[i] == '\n' {
				i++
			}
			starts = append(starts, i)
		case '\n', '\u0085', '\u2028', '\u2029':
			starts = append(starts, i)
		}
	}
	return starts
}
