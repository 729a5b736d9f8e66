package website

import (
	"errors"
	"fmt"
)

// errLost says that something which a release has to keep cannot be read any
// more. The site is built anew from the stream then.
var errLost = errors.New("a file that the release has to keep is lost")

// planDeltas adds what leads from an older copy of the data to this one.
// Deltas are written once.
func (i *issue) planDeltas(all *plan, due *due) {
	all.add(deltasFile, i.history.deltas.Encode)
	for _, name := range i.history.news.Gone {
		all.drop("data/" + name)
	}
	for name, data := range i.history.news.Files {
		all.addData("data/"+name, data)
	}
	if !due.everything {
		return
	}
	for _, entry := range i.history.deltas.Deltas {
		name := "data/" + entry.Name()
		all.add(name, func() ([]byte, error) {
			data, err := i.kept(name)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", errLost, err)
			}
			return data, nil
		})
	}
}
