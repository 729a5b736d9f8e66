package git

import (
	"context"
	"fmt"
)

// Blob returns the content of a blob. One with more than limit bytes is not
// read; the error is *ErrTooLarge then.
func (r *Repository) Blob(ctx context.Context, id ObjectID, limit int64) ([]byte, error) {
	if !id.Valid() {
		return nil, fmt.Errorf("%q is not an object", id)
	}
	data, kind, err := r.objects.read(ctx, string(id), limit)
	if err == nil && kind != "blob" {
		err = fmt.Errorf("object %s is a %s, not a blob", id, kind)
	}
	return data, err
}

// Blobs hands the contents of many blobs to a function, in order, much faster
// than one by one. A blob that cannot be had comes with its own error; an
// error of the function ends the reading.
func (r *Repository) Blobs(ctx context.Context, ids []ObjectID, limit int64, each func(i int, data []byte, err error) error) error {
	if len(ids) == 0 {
		return nil
	}
	o := r.objects
	var result error
	return o.exchange(ctx, func() error {
		asked := make(chan error, 1)
		go func() { asked <- o.askAll(ids) }()
		for i, id := range ids {
			data, _, err := o.reply(string(id), limit)
			if unlessTold(err) != nil {
				o.cancel()  // the asking ends with the process
				_ = <-asked // it broke off with the process
				return err
			}
			if result = each(i, data, err); result != nil {
				o.cancel()
				_ = <-asked // it broke off with the process
				return result
			}
		}
		return <-asked
	}, func() error { return result })
}

func (o *objects) askAll(ids []ObjectID) error {
	for _, id := range ids {
		if !id.Valid() {
			return fmt.Errorf("%q is not an object", id)
		}
		if _, err := o.stdin.WriteString("contents " + string(id) + "\n"); err != nil {
			return err
		}
	}
	if _, err := o.stdin.WriteString("flush\n"); err != nil {
		return err
	}
	return o.stdin.Flush()
}
