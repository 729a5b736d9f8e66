package event

import (
	"bytes"
	"errors"
	"fmt"

	"netsync/schema"
)

// DecodeMessage decodes a message that was published on a subject of a dataset.
// The error is ErrForeign unless the message is an event of that dataset,
// belongs on that subject, and has a record or manifest with the stated digest;
// it is ErrLaterType for an event of a later version. Any client with publish
// permission can cause the former.
func DecodeMessage(dataset, subject string, data []byte) (Event, error) {
	e, err := Decode(data)
	later := errors.Is(err, ErrLaterType)
	if err != nil && !later {
		return Event{}, err
	}
	if e.Dataset != dataset {
		return Event{}, fmt.Errorf("%w of this dataset: its source is dataset %q", ErrForeign, e.Dataset)
	}
	if later {
		return Event{}, err
	}
	if want := e.Subject(); want != subject {
		return Event{}, fmt.Errorf("%w of this subject: it belongs on %s", ErrForeign, want)
	}
	switch {
	case e.Change != nil:
		err = e.Change.checkDigest()
	case e.Changeset != nil:
		err = e.Changeset.checkManifest()
	}
	if err != nil {
		return Event{}, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	return e, nil
}

func (c *Change) checkDigest() error {
	isNull := len(c.Record) == 0 || string(c.Record) == "null"
	switch {
	case (c.Digest == nil) != (c.Op == Removed) || isNull != (c.Op == Removed):
		return fmt.Errorf("record %s is %s, and its record and digest do not fit that", c.RecordID(), c.Op)
	case isNull:
		return nil
	case !bytes.HasPrefix(c.Record, []byte("{")):
		return fmt.Errorf("record %s is not an object", c.RecordID())
	}
	if got := schema.DigestOf(c.Record); got != *c.Digest {
		return fmt.Errorf("record %s has digest %s, not %s as it says", c.RecordID(), got.Short(), c.Digest.Short())
	}
	return nil
}

func (c *Changeset) checkManifest() error {
	if got := schema.DigestOf(c.Manifest); c.ManifestDigest != "" && got != c.ManifestDigest {
		return fmt.Errorf("the manifest of changeset %s has digest %s, not %s as it says", c.ID, got.Short(), c.ManifestDigest.Short())
	}
	if _, err := schema.DecodeManifest(c.Manifest); err != nil {
		return fmt.Errorf("the manifest of changeset %s: %w", c.ID, err)
	}
	return nil
}
