package git

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/zlib"
)

// A commit that was just made lies in loose objects, files of their own, as
// "<type> <size>\0<content>" in a zlib stream; see gitrepository-layout(5). To
// read one takes a fifth of the time that a git process takes to be asked. Only
// what is surely right is taken from there: in any doubt git is asked, which
// also says what is wrong.

// maxLoose is up to how many objects are looked for in files: many of them lie
// in a pack.
const maxLoose = 32

// loose reads an object from the folders that the repository keeps objects in.
// ok is false where that says nothing. Of an object with more than limit bytes
// the error tells the size.
func loose(folders []string, id ObjectID, limit int64) (o object, ok bool, err error) {
	if !id.Valid() {
		return object{}, false, nil
	}
	for _, folder := range folders {
		f, err := os.Open(filepath.Join(folder, string(id[:2]), string(id[2:])))
		if err != nil {
			continue
		}
		o, ok, err := readLoose(f, id, limit)
		_ = f.Close() // it was read only
		if ok {
			return o, true, err
		}
	}
	return object{}, false, nil
}

// An inflater is some 50 KB that can be used again.
type inflater struct {
	zlib io.ReadCloser // nil before the first use
	text bufio.Reader
}

var inflaters = sync.Pool{New: func() any { return new(inflater) }}

// reset makes the inflater read a stream.
func (i *inflater) reset(stream io.Reader) (err error) {
	if i.zlib == nil {
		i.zlib, err = zlib.NewReader(stream)
	} else {
		err = i.zlib.(zlib.Resetter).Reset(stream, nil)
	}
	i.text.Reset(i.zlib)
	return err
}

func readLoose(f io.Reader, id ObjectID, limit int64) (o object, ok bool, err error) {
	z := inflaters.Get().(*inflater)
	defer inflaters.Put(z)
	if err := z.reset(f); err != nil {
		return object{}, false, nil
	}
	r := &z.text
	header, err := r.ReadSlice(0)
	if err != nil {
		return object{}, false, nil
	}
	kind, length, _ := strings.Cut(string(header[:len(header)-1]), " ")
	size, err := strconv.ParseInt(length, 10, 64)
	switch {
	case err != nil || size < 0:
		return object{}, false, nil
	case limit > 0 && size > limit:
		return object{kind: kind}, true, &ErrTooLarge{id, size}
	}
	var data bytes.Buffer
	data.Grow(int(min(size, maxPlain))) // what a header says may be wrong
	n, err := io.Copy(&data, io.LimitReader(r, size+1))
	if err != nil || n != size || checkName(string(id), kind, data.Bytes()) != nil {
		return object{}, false, nil
	}
	return object{kind, data.Bytes()}, true, nil
}
