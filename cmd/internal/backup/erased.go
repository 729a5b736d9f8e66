package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"netsync/publishers/newsletter/subscribers"
)

// erasedList lists the erased subscribers, by keyed hashes of their addresses.
// It is stored beside a dataset's backups and updated whenever a subscriber
// leaves, so that restoring an older backup does not bring them back.
type erasedList struct {
	Format  int                  `json:"format"`
	Dataset string               `json:"dataset"`
	Written time.Time            `json:"written"`
	Erased  []subscribers.Erased `json:"erased"`
}

// erasedName returns the name of that list.
func erasedName(dataset string) string { return "netsync-" + dataset + ".erased.json" }

// KeepErased stores the list of erased subscribers beside a dataset's backups.
// It does nothing if the dataset never had subscribers.
func KeepErased(ctx context.Context, js jetstream.JetStream, p Place, dataset string) error {
	list, ok, err := subscribers.Find(ctx, js, dataset)
	if err != nil || !ok {
		return err
	}
	all, err := list.Erased(ctx)
	if err != nil {
		return err
	}
	data, err := json.MarshalIndent(erasedList{Format, dataset, time.Now().UTC().Truncate(time.Second), all}, "", "  ")
	if err != nil {
		return fmt.Errorf("encode who was erased: %w", err)
	}
	_, err = p.Put(ctx, erasedName(dataset), func(w io.Writer) error {
		_, err := w.Write(append(data, '\n'))
		return err
	})
	return err
}

// readErased reads the list of erased subscribers; ok is false if there is
// none.
func readErased(ctx context.Context, p Place, dataset string) (l erasedList, ok bool, err error) {
	file, err := p.Get(ctx, erasedName(dataset))
	if errors.Is(err, fs.ErrNotExist) {
		return l, false, nil
	}
	if err != nil {
		return l, false, fmt.Errorf("read who was erased: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(file)
	if err == nil {
		err = json.Unmarshal(data, &l)
	}
	if err == nil && (l.Format > Format || l.Dataset != dataset) {
		err = errors.New("it is of another dataset or a newer netsync")
	}
	if err != nil {
		return l, false, fmt.Errorf("read who was erased in %s: %w; without it, who left since the backup would come back", erasedName(dataset), err)
	}
	return l, true, nil
}
