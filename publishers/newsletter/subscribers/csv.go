package subscribers

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Columns of a CSV file of subscribers. Only the first is required; unknown
// columns are ignored. Topics are separated by semicolons.
const (
	colAddress   = "address"
	colLanguage  = "language"
	colFrequency = "frequency"
	colTopics    = "topics"
	colConfirmed = "confirmed"
	colOrigin    = "origin"
	colBounces   = "bounces"
	colSuspended = "suspended"
)

func columnNames() []string {
	return []string{colAddress, colLanguage, colFrequency, colTopics, colConfirmed, colOrigin, colBounces, colSuspended}
}

// A RowError describes an invalid row of a file. It quotes no address.
type RowError struct {
	Line int
	Err  error
}

func (e *RowError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *RowError) Unwrap() error { return e.Err }

// maxRowErrors is the maximum number of row errors to report.
const maxRowErrors = 20

// ReadCSV reads subscribers from a CSV file (RFC 4180) with a row of column
// names. The separator may be a comma, semicolon or tab, as spreadsheets write;
// a byte order mark is ignored. If rows are invalid, ReadCSV returns only an
// error, which joins a *RowError for each.
func ReadCSV(r io.Reader, offer Offer) ([]Request, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read subscribers: %w", err)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	rows := csv.NewReader(bytes.NewReader(data))
	rows.Comma, rows.FieldsPerRecord, rows.TrimLeadingSpace = findSeparator(data), -1, true
	names, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, &RowError{1, errors.New("the file is empty; its first line must name the columns: address,language,frequency,topics")}
	}
	if err != nil {
		return nil, rowError(rows, err)
	}
	for i := range names {
		names[i] = strings.ToLower(strings.TrimSpace(names[i]))
	}
	if !slices.Contains(names, colAddress) {
		return nil, &RowError{1, errors.New("there is no column address; the first line must name the columns: address,language,frequency,topics")}
	}
	var all []Request
	var wrong []error
	seen := make(map[string]int)
	for len(wrong) < maxRowErrors {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil { // the rows after a broken quote cannot be parsed
			wrong = append(wrong, rowError(rows, err))
			break
		}
		line, _ := rows.FieldPos(0)
		request, err := parseRow(names, row, offer)
		if err == nil && seen[foldAddress(request.Address)] > 0 {
			err = fmt.Errorf("the address is on line %d, too", seen[foldAddress(request.Address)])
		}
		if err != nil {
			wrong = append(wrong, &RowError{line, err})
			continue
		}
		seen[foldAddress(request.Address)] = line
		all = append(all, request)
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return all, nil
}

// findSeparator returns the separator that is most frequent in the first line.
func findSeparator(data []byte) rune {
	first, _, _ := bytes.Cut(data, []byte("\n"))
	best, most := ',', 0
	for _, r := range ",;\t" {
		if n := bytes.Count(first, []byte(string(r))); n > most {
			best, most = r, n
		}
	}
	return best
}

func rowError(rows *csv.Reader, err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return &RowError{parse.Line, parse.Err}
	}
	line, _ := rows.FieldPos(0)
	return &RowError{line, err}
}

func parseRow(names, row []string, offer Offer) (r Request, err error) {
	for i, name := range names {
		if i >= len(row) {
			break
		}
		value := strings.TrimSpace(row[i])
		switch name {
		case colAddress:
			if r.Address, err = ParseAddress(value); err != nil {
				return r, err
			}
		case colLanguage:
			r.Language = value
		case colFrequency:
			r.Frequency = Frequency(strings.ToLower(value))
		case colTopics:
			r.Topics = strings.FieldsFunc(value, func(c rune) bool { return c == ';' || c == ' ' || c == ',' })
		}
	}
	if r.Address == "" {
		return r, errors.New("there is no address")
	}
	r.Preferences, err = offer.Check(r.Preferences)
	return r, err
}

// A Writer writes subscribers as CSV, in the form that ReadCSV reads.
type Writer struct{ csv *csv.Writer }

// NewWriter writes the row of column names.
func NewWriter(w io.Writer) (*Writer, error) {
	out := &Writer{csv.NewWriter(w)}
	return out, out.csv.Write(columnNames())
}

// Write writes a subscriber.
func (w *Writer) Write(s Subscriber) error {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	return w.csv.Write([]string{guardFormula(s.Address), s.Language, string(s.Frequency), strings.Join(s.Topics, ";"),
		day(s.Confirmed), s.Origin, strconv.Itoa(s.Bounces), day(s.Suspended)})
}

// guardFormula puts a space before an address that a spreadsheet would read as a
// formula, such as =cmd@host. The space is ignored when the file is read.
func guardFormula(s string) string {
	if strings.ContainsAny(s[:min(1, len(s))], "=+-@\t\r") {
		return " " + s
	}
	return s
}

// Flush writes buffered data and returns any error of a write.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}
