package website

import (
	"errors"
	"fmt"
)

// errLost is the error for a file that the release must keep and that cannot
// be read. It causes a rebuild from the stream.
var errLost = errors.New("a file that the release has to keep is lost")

// planDeltas adds the deltas from older copies of the data, each written once.
func (b *build) planDeltas(all *plan, stale *staleSet) {
	all.add(deltasFile, b.history.deltas.Encode)
	for _, name := range b.history.news.Gone {
		all.removeFile("data/" + name)
	}
	for name, data := range b.history.news.Files {
		all.addData("data/"+name, data)
	}
	if !stale.everything {
		return
	}
	for _, entry := range b.history.deltas.Deltas {
		name := "data/" + entry.Name()
		all.add(name, func() ([]byte, error) {
			data, err := b.readRequired(name)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", errLost, err)
			}
			return data, nil
		})
	}
}
