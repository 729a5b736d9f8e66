package validate

import (
	"fmt"

	"netsync/schema"
	"netsync/worker/snapshot"
	"netsync/worker/yaml"
)

// Findings about the effects of a dataset on published data. Only a worker, which compares the
// two, has them.

// RemovalWaits returns the finding for a deleted record that stays published, because the last
// good version of another record refers to it.
func RemovalWaits(f *snapshot.File, deleted schema.RecordID) schema.Finding {
	pointer, place := f.RefTo(deleted)
	found := removalWaits.newFinding(f.Path, place, deleted, pointer,
		fmt.Sprintf("%s was deleted, but the version of %s that is published refers to it; both stay as they are", deleted, f.ID))
	found.Remedy = fmt.Sprintf("Mend %s so that it does without %s; then both go.", f.Path, deleted.ID)
	return found
}

// ReferenceWaits returns the finding for a record that waits, because it refers to an
// unpublished one with errors.
func ReferenceWaits(f *snapshot.File, unpublished schema.RecordID) schema.Finding {
	pointer, place := f.RefTo(unpublished)
	found := danglingRef.newFinding(f.Path, place, f.ID, pointer,
		fmt.Sprintf("%s refers to %q, which has errors and was never published", formatSubject(pointer), unpublished.ID))
	found.Remedy = fmt.Sprintf("Mend %s first; this record follows by itself.", unpublished)
	return found
}

// DatasetID returns the finding for a manifest with another id than the published one.
func DatasetID(f *snapshot.File, published, id string) schema.Finding {
	found := atDatasetID(f, fmt.Sprintf(
		"the dataset is published as %s; changing its id to %s would begin a new stream: subscribers, feeds and digests would start over", published, id))
	found.Remedy = fmt.Sprintf("Change the id back to %s. If a new dataset is meant, stop netsync, run netsync sync --new-dataset, and start it again.", published)
	return found
}

// ConfiguredDatasetID returns the finding for a manifest with another id than dataset.id in the
// configuration.
func ConfiguredDatasetID(f *snapshot.File, configured, id string) schema.Finding {
	found := atDatasetID(f, fmt.Sprintf("dataset.id in the configuration is %s, and the manifest's id is %s", configured, id))
	found.Remedy = fmt.Sprintf("Change the id to %s, or correct dataset.id in the configuration.", configured)
	return found
}

func atDatasetID(f *snapshot.File, message string) schema.Finding {
	place := yaml.Start
	for claim := range f.Claims() {
		if claim.Kind == snapshot.ClaimDataset {
			place = claim.Range
		}
	}
	return datasetID.newFinding(f.Path, place, schema.RecordID{}, "/id", message)
}

// ChangedDatasetID returns the finding for a dataset whose manifest had another id before.
func ChangedDatasetID(before, after *snapshot.Snapshot) []schema.Finding {
	if before == nil || before.Manifest == nil || after.Manifest == nil || before.Manifest.ID == after.Manifest.ID {
		return nil
	}
	return []schema.Finding{DatasetID(after.ManifestFile, before.Manifest.ID, after.Manifest.ID)}
}

// EventTooLarge returns the finding for a record whose event would be larger than the broker
// accepts, and which keeps its last good version.
func EventTooLarge(f *snapshot.File, size, limit int64) schema.Finding {
	return eventTooLarge.newFinding(f.Path, yaml.Start, f.ID, "", fmt.Sprintf(
		"the event of this change would have %d KiB, and the broker takes %d KiB: it holds the record, the one before and their difference", size>>10, limit>>10))
}

// MassRemoval returns the finding for the removal of too many records of a collection.
func MassRemoval(manifest string, c schema.Collection, gone, all int) schema.Finding {
	return massRemoval.newFinding(manifest, yaml.Start, schema.RecordID{}, "",
		fmt.Sprintf("%d of %d %s would be removed at once; nothing is published until somebody says that this is meant", gone, all, c))
}
