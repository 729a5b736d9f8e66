package subscribers_test

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"netsync/publishers/newsletter/subscribers"
)

func TestReadCSV(t *testing.T) {
	t.Parallel()
	weekly := subscribers.Preferences{Frequency: subscribers.Weekly}
	for _, c := range []struct {
		name, csv string
		want      []subscribers.Request
		wrong     []string
	}{
		{"addresses alone", "address\nada@example.org\neve@example.org\n",
			[]subscribers.Request{{Address: "ada@example.org", Preferences: weekly}, {Address: "eve@example.org", Preferences: weekly}}, nil},
		{"everything, as a spreadsheet writes it", "\ufeffName;Address;Language;Frequency;Topics\r\n\"Lovelace; Ada\";ada@example.org;nl;Monthly;\"water;energy\"\r\n",
			[]subscribers.Request{{Address: "ada@example.org", Preferences: subscribers.Preferences{Language: "nl", Frequency: subscribers.Monthly, Topics: []string{"energy", "water"}}}}, nil},
		{"tabs", "address\tlanguage\nada@example.org\ten\n",
			[]subscribers.Request{{Address: "ada@example.org", Preferences: subscribers.Preferences{Language: "en", Frequency: subscribers.Weekly}}}, nil},
		{"short rows", "address,language\nada@example.org\n", []subscribers.Request{{Address: "ada@example.org", Preferences: weekly}}, nil},
		{"nothing", "", nil, []string{"line 1: the file is empty"}},
		{"no names", "ada@example.org\n", nil, []string{"line 1: there is no column address"}},
		{"every wrong row is told of", "address,language,frequency,topics\nada\neve@example.org,fr\nbob@example.org,,daily\ncy@example.org,,,fire\nok@example.org\nOK@example.org\n", nil,
			[]string{"line 2: that is not a mail address", `line 3: there is no language "fr"; there are en, nl`, `line 4: there is no frequency "daily"`, `line 5: there is no topic "fire"`, "line 7: the address is on line 6, too"}},
		{"an open quote", "address\n\"ada@example.org\n", nil, []string{"line 2"}},
		{"an empty address", "language,address\nnl,\n", nil, []string{"line 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := subscribers.ReadCSV(strings.NewReader(c.csv), offer)
			if !reflect.DeepEqual(got, c.want) || (err == nil) != (c.wrong == nil) {
				t.Errorf("got %+v, %v", got, err)
			}
			for _, w := range c.wrong {
				if err != nil && !strings.Contains(err.Error(), w) {
					t.Errorf("%q is not in: %v", w, err)
				}
			}
			if err != nil && strings.Contains(strings.ReplaceAll(err.Error(), "name@example.org", ""), "@") {
				t.Errorf("the error tells an address: %v", err)
			}
		})
	}
}

// ReadCSV reads the output of a Writer, and no spreadsheet takes an address in
// it for a formula.
func TestWriterAndReader(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	w, err := subscribers.NewWriter(&file)
	if err != nil {
		t.Fatal(err)
	}
	addresses := []string{"ada@example.org", "=cmd@example.org", "+1@example.org", "-x@example.org"}
	for _, a := range addresses {
		err := w.Write(subscribers.Subscriber{Address: a, Confirmed: now, Origin: subscribers.ByForm,
			Preferences: subscribers.Preferences{Language: "nl", Frequency: subscribers.Monthly, Topics: []string{"energy", "water"}}})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(file.String()) {
		if strings.ContainsAny(line[:1], "=+-@") {
			t.Errorf("a spreadsheet runs %q", line)
		}
	}
	got, err := subscribers.ReadCSV(&file, offer)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range got {
		if r.Address != addresses[i] || r.Language != "nl" || r.Frequency != subscribers.Monthly || !slices.Equal(r.Topics, []string{"energy", "water"}) {
			t.Errorf("got %+v", r)
		}
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add("address,language\nada@example.org,nl\n")
	f.Add("\ufeffaddress;topics\r\n\"a@b.c\";\"water;energy\"")
	f.Add("address\n\"")
	f.Fuzz(func(t *testing.T, s string) {
		all, err := subscribers.ReadCSV(strings.NewReader(s), offer)
		if err != nil {
			var row *subscribers.RowError
			if len(all) > 0 || !errors.As(err, &row) {
				t.Errorf("%v, and %d rows", err, len(all))
			}
			return
		}
		var file bytes.Buffer
		w, err := subscribers.NewWriter(&file)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			if _, err := subscribers.ParseAddress(r.Address); err != nil {
				t.Errorf("%q was taken", r.Address)
			}
			if err := w.Write(subscribers.Subscriber{Address: r.Address, Preferences: r.Preferences}); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		again, err := subscribers.ReadCSV(&file, offer)
		if err != nil || len(again) != len(all) {
			t.Errorf("written and read again: %d of %d, %v", len(again), len(all), err)
		}
	})
}
