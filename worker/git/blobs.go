package git

import (
	"context"
	"fmt"
)

// Blob returns the content of a blob. The error is *ErrTooLarge if it has more than limit
// bytes.
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

// Blobs calls a function with the contents of many blobs, in any order. It is much faster
// than reading one by one. A blob that cannot be read comes with its own error; an error of
// the function ends the reading.
func (r *Repository) Blobs(ctx context.Context, ids []ObjectID, limit int64, each func(i int, data []byte, err error) error) error {
	return r.objects.readEach(ctx, ids, limit, func(i int, data []byte, _ string, err error) error { return each(i, data, err) })
}
