package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"netsync/schema"
	"netsync/schema/stream"
	"netsync/worker/git"
	"netsync/worker/validate"
)

// publishedDataset returns the dataset that this repository was published as,
// according to the broker's streams, or "" if it was not published.
func (w *Worker) publishedDataset(ctx context.Context) (string, error) {
	switch {
	case w.reader != nil:
		return w.reader.Dataset(), nil
	case w.Dataset != "":
		return w.Dataset, nil
	}
	datasets, err := stream.Datasets(ctx, w.JetStream)
	if err == nil && !w.Exclusive {
		datasets, err = w.ownDatasets(ctx, datasets)
	}
	if err != nil || len(datasets) == 0 {
		return "", err
	}
	if len(datasets) == 1 {
		return datasets[0], nil
	}
	all, err := stream.Candidates(ctx, w.JetStream)
	if err != nil {
		return "", err
	}
	chosen, why, err := stream.Choose(all)
	if several, ok := errors.AsType[*stream.SeveralError](err); ok {
		for _, dataset := range several.Datasets {
			if dataset == w.snap.Manifest.ID {
				return dataset, nil // prefer the one that the manifest names
			}
		}
	}
	if err != nil {
		return "", err
	}
	w.Log.Info(fmt.Sprintf("the broker holds %d datasets; using %s: %s", len(all), chosen.Dataset, why))
	return chosen.Dataset, nil
}

// ownDatasets returns the datasets whose last commit this repository has.
// Others on the same broker belong to other repositories.
func (w *Worker) ownDatasets(ctx context.Context, datasets []string) ([]string, error) {
	var own []string
	for _, dataset := range datasets {
		if dataset == w.snap.Manifest.ID {
			return []string{dataset}, nil
		}
		reader, err := stream.Open(ctx, w.JetStream, dataset)
		if err != nil {
			continue // streams of others may be unreadable
		}
		m, ok, err := reader.LastChangeset(ctx)
		if err != nil || !ok {
			continue
		}
		has, err := w.mirror.Has(ctx, git.CommitID(m.Changeset.Commit))
		if err != nil {
			return nil, err
		}
		if has {
			own = append(own, dataset)
		}
	}
	return own, nil
}

// checkIdentity holds the commit if its manifest has another id than the
// published dataset, unless an operator asked for a new dataset.
func (w *Worker) checkIdentity(ctx context.Context, o Options) error {
	w.identityFindings = nil
	if w.snap.Manifest == nil {
		return nil
	}
	id := w.snap.Manifest.ID
	published, err := w.publishedDataset(ctx)
	if err != nil {
		return err
	}
	w.targetDataset, w.chosenAt = id, time.Time{}
	if w.Dataset != "" && w.Dataset != id {
		w.targetDataset = w.Dataset
		w.identityFindings = []schema.Finding{validate.ConfiguredDatasetID(w.snap.ManifestFile, w.Dataset, id)}
		return nil
	}
	if published == "" || published == id {
		return nil
	}
	if o.NewDataset {
		w.chosenAt = w.Now()
	} else {
		w.targetDataset = published
		w.identityFindings = []schema.Finding{validate.DatasetID(w.snap.ManifestFile, published, id)}
	}
	return nil
}
