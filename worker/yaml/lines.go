package yaml

import (
	"bytes"
	"slices"
	"unicode/utf8"
)

// lines finds lines and characters of a file. Its parts are made when they are first
// needed, and then answer in a time that depends neither on the length of the file
// nor on that of the line: a file may be one line of 256 KiB with an error in every
// word.
type lines struct {
	// starts are the offsets at which lines begin. Lines end with a line feed,
	// as they do for Git and for other tools that name lines.
	starts []int
	// breaks are the same for the library, for which a lone carriage return and
	// three characters of Unicode end a line, too.
	breaks []int
	// marks count characters: one mark for about every markWidth bytes.
	marks []mark
}

// A mark is the number of characters before an offset.
type mark struct{ offset, characters int }

const markWidth = 256

// findPosition returns the line and column of an offset, both from 1; columns count
// characters.
func (t *tree) findPosition(offset int) (line, column int) {
	offset = min(offset, len(t.data))
	if t.lines.starts == nil {
		t.lines.starts = lineStarts(t.data)
	}
	line, found := slices.BinarySearch(t.lines.starts, offset)
	if !found {
		line--
	}
	return line + 1, 1 + t.countCharacters(t.lines.starts[line], offset)
}

// countCharacters counts the characters from one offset to another.
func (t *tree) countCharacters(from, to int) int {
	if to-from <= markWidth {
		return utf8.RuneCount(t.data[from:to])
	}
	return t.countBefore(to) - t.countBefore(from)
}

func (t *tree) countBefore(offset int) int {
	marks := t.countMarks()
	i, found := slices.BinarySearchFunc(marks, offset, func(m mark, offset int) int { return m.offset - offset })
	if !found {
		i--
	}
	return marks[i].characters + utf8.RuneCount(t.data[marks[i].offset:offset])
}

// findOffset returns the offset of a line and column of the library, at most the
// length of the file.
func (t *tree) findOffset(line, column int) int {
	if t.lines.breaks == nil {
		t.lines.breaks = libraryStarts(t.data)
	}
	if line < 1 || line > len(t.lines.breaks) {
		return len(t.data)
	}
	start := t.lines.breaks[line-1]
	if column <= markWidth {
		return t.skipCharacters(start, column-1)
	}
	marks, characters := t.countMarks(), t.countBefore(start)+column-1
	i, found := slices.BinarySearchFunc(marks, characters, func(m mark, n int) int { return m.characters - n })
	if !found {
		i--
	}
	return t.skipCharacters(marks[i].offset, characters-marks[i].characters)
}

// skipCharacters returns the offset n characters later.
func (t *tree) skipCharacters(offset, n int) int {
	for ; n > 0 && offset < len(t.data); n-- {
		_, width := utf8.DecodeRune(t.data[offset:])
		offset += width
	}
	return offset
}

func (t *tree) countMarks() []mark {
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

// libraryStarts returns the offsets at which lines begin for the library, which
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
