package validate

import (
	"maps"
	"slices"

	"netsync/schema"
	"netsync/worker/snapshot"
	"netsync/worker/yaml"
)

// A Checker finds problems between the files of a snapshot. It keeps its findings, so that
// after an update it checks only the files that the update may have affected. The zero value
// is ready for a first check.
type Checker struct {
	between map[string][]schema.Finding // by path
	within  map[string][]schema.Finding
}

// Check returns all findings of a snapshot, sorted. delta has the changes since the last
// call.
func (c *Checker) Check(s *snapshot.Snapshot, delta *snapshot.Delta) []schema.Finding {
	if c.between == nil || delta.All {
		c.between = make(map[string][]schema.Finding)
		c.within = make(map[string][]schema.Finding)
	}
	r := relations{s: s, circles: make(map[schema.RecordID]bool)}
	for _, path := range c.affectedFiles(s, delta) {
		delete(c.between, path)
		delete(c.within, path)
		f := s.File(path)
		if f == nil {
			continue
		}
		if len(f.Findings) > 0 {
			c.within[path] = f.Findings
		}
		if found := r.check(f); len(found) > 0 {
			c.between[path] = found
		}
	}
	return c.checkAll(s)
}

func (c *Checker) checkAll(s *snapshot.Snapshot) []schema.Finding {
	findings := []schema.Finding{}
	if s.ManifestFile == nil {
		findings = append(findings, noManifest.newFinding(snapshot.ManifestBase+".yaml", yaml.Start,
			schema.RecordID{}, "", "the dataset has no manifest"))
	}
	for _, found := range c.within {
		findings = append(findings, found...)
	}
	for _, found := range c.between {
		findings = append(findings, found...)
	}
	schema.SortFindings(findings)
	return findings
}

// affectedFiles returns the paths whose findings an update may have changed, sorted: files that
// it read, files that refer to added or removed records or claim the same as they, and files
// with dangling references.
func (c *Checker) affectedFiles(s *snapshot.Snapshot, delta *snapshot.Delta) []string {
	if delta.All {
		return s.Paths()
	}
	if delta.Manifest {
		paths := setOf(s.Paths())
		maps.Copy(paths, delta.Paths)
		return slices.Sorted(maps.Keys(paths))
	}
	paths := maps.Clone(delta.Paths)
	add := func(more []string) { maps.Copy(paths, setOf(more)) }
	add(s.AffectedClaimants(delta))
	for path := range delta.Paths {
		add(s.Referrers(snapshot.Target{Asset: path}))
	}
	for id := range delta.Records {
		add(s.PathsOf(id))
		for _, collection := range schema.Collections() {
			add(s.Referrers(snapshot.Target{Record: schema.RecordID{Collection: collection, ID: id.ID}}))
		}
		add(predecessorsOf(s, id))
	}
	if len(delta.Records) > 0 {
		add(c.danglingFiles(danglingRef))
	}
	if delta.Assets {
		add(c.danglingFiles(missingAsset))
	}
	return slices.Sorted(maps.Keys(paths))
}

// danglingFiles returns the files with dangling references by a rule: their remedies depend on
// the names of all records or images.
func (c *Checker) danglingFiles(leadsNowhere Rule) []string {
	var paths []string
	for path, findings := range c.between {
		if slices.ContainsFunc(findings, func(f schema.Finding) bool { return f.Rule == leadsNowhere.Code }) {
			paths = append(paths, path)
		}
	}
	return paths
}

func setOf(paths []string) map[string]struct{} {
	set := make(map[string]struct{}, len(paths))
	for _, path := range paths {
		set[path] = struct{}{}
	}
	return set
}
