package maintain

import (
	"context"
	"path"

	yamlv4 "go.yaml.in/yaml/v4"

	"netsync/schema"
	"netsync/worker/git"
	"netsync/worker/validate"
	"netsync/worker/yaml"
)

// changedID returns the finding of a manifest whose id is not that of an earlier
// commit: since, or HEAD for files as they are in a folder. Without a
// repository, or without an earlier manifest, there is none.
func (d *dataset) changedID(ctx context.Context, since string) []schema.Finding {
	if d.snap.Manifest == nil || (since == "" && d.commit != "") {
		return nil
	}
	var base git.CommitID
	var err error
	if since == "" {
		base, err = d.resolveRevision(ctx, "HEAD")
	} else {
		base, err = d.partedFrom(ctx, since)
	}
	if err != nil {
		return nil // a folder outside a repository, or a repository without commits
	}
	before := d.manifestID(ctx, base)
	if before == "" || before == d.snap.Manifest.ID {
		return nil
	}
	return []schema.Finding{validate.DatasetID(d.snap.ManifestFile, before, d.snap.Manifest.ID)}
}

// manifestID returns the id in the manifest of a commit; "" if it has none.
func (d *dataset) manifestID(ctx context.Context, commit git.CommitID) string {
	for _, name := range []string{"dataset.yaml", "dataset.yml", "dataset.json"} {
		data, err := d.repo.File(ctx, commit, path.Join(d.repo.Prefix(), name), yaml.MaxSize)
		if err != nil {
			continue
		}
		var manifest struct {
			ID string `yaml:"id"`
		}
		if yamlv4.Unmarshal(data, &manifest) == nil {
			return manifest.ID
		}
	}
	return ""
}
