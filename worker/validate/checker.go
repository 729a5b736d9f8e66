package validate

import (
	"fmt"
	"slices"
	"strings"

	"netsync/schema"
	"netsync/worker/snapshot"
)

// A Checker finds what is wrong between the records of a snapshot. It
// remembers what it found, so that after an update it looks only at what the
// update may have touched. The zero value is ready for a first check.
type Checker struct {
	between map[string][]schema.Finding // by path
	within  map[string][]schema.Finding
}

// Check returns all findings of a snapshot, sorted, given what changed in it
// since the last call.
func (c *Checker) Check(s *snapshot.Snapshot, delta *snapshot.Delta) []schema.Finding {
	if c.between == nil || delta.All {
		c.between = make(map[string][]schema.Finding)
		c.within = make(map[string][]schema.Finding)
	}
	for path := range affected(s, delta) {
		delete(c.between, path)
		delete(c.within, path)
		f := s.File(path)
		if f == nil {
			continue
		}
		if len(f.Findings) > 0 {
			c.within[path] = f.Findings
		}
		if found := between(s, f); len(found) > 0 {
			c.between[path] = found
		}
	}
	return c.all(s)
}

func (c *Checker) all(s *snapshot.Snapshot) []schema.Finding {
	findings := []schema.Finding{}
	if s.ManifestFile == nil {
		findings = append(findings, noManifest.at(snapshot.ManifestBase+".yaml", snapshot.Range{Line: 1, Column: 1, EndLine: 1, EndColumn: 1},
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

// affected returns the paths whose findings an update may have changed: those
// it read, those that refer to what came or went, and those that share an id.
func affected(s *snapshot.Snapshot, delta *snapshot.Delta) map[string]struct{} {
	paths := make(map[string]struct{}, len(delta.Paths))
	for path := range delta.Paths {
		paths[path] = struct{}{}
	}
	if delta.Manifest || delta.All {
		for _, path := range s.Paths() {
			paths[path] = struct{}{}
		}
		return paths
	}
	for id := range delta.Records {
		for _, path := range s.Referrers(snapshot.Target{Record: id}) {
			paths[path] = struct{}{}
		}
		for _, path := range s.PathsOf(id) {
			paths[path] = struct{}{}
		}
	}
	return paths
}

func between(s *snapshot.Snapshot, f *snapshot.File) []schema.Finding {
	var findings []schema.Finding
	if found, ok := doubled(s, f); ok {
		findings = append(findings, found)
	}
	for _, ref := range f.Refs {
		if found, ok := dangling(s, f, ref); ok {
			findings = append(findings, found)
		}
	}
	return findings
}

func doubled(s *snapshot.Snapshot, f *snapshot.File) (schema.Finding, bool) {
	paths := s.PathsOf(f.ID)
	if f.ID == (schema.RecordID{}) {
		paths = s.ManifestPaths()
	}
	if len(paths) < 2 || paths[0] == f.Path {
		return schema.Finding{}, false
	}
	what := "the id " + f.ID.ID
	if f.ID == (schema.RecordID{}) {
		what = "the manifest"
	}
	return duplicateID.at(f.Path, snapshot.Range{Line: 1, Column: 1, EndLine: 1, EndColumn: 1}, f.ID, "/id",
		fmt.Sprintf("%s stands in %s already", what, paths[0])), true
}

func dangling(s *snapshot.Snapshot, f *snapshot.File, ref snapshot.Ref) (schema.Finding, bool) {
	if ref.Vocabulary != "" {
		return foreignTerm(s, f, ref)
	}
	if len(s.PathsOf(ref.Record)) > 0 {
		return schema.Finding{}, false
	}
	found := danglingRef.at(f.Path, ref.Range, f.ID, ref.Pointer,
		fmt.Sprintf("%s refers to %q, which is no %s of this dataset", subject(ref.Pointer), ref.Record.ID, ref.Record.Collection.Singular()))
	found.Remedy = fmt.Sprintf("Correct the id, or add %s.yaml.", ref.Record)
	if near := nearest(ref.Record.ID, idsOf(s, ref.Record.Collection)); near != "" {
		found.Remedy = fmt.Sprintf("Did you mean %q? Otherwise add %s.yaml.", near, ref.Record)
	}
	return found, true
}

func idsOf(s *snapshot.Snapshot, c schema.Collection) []string {
	var ids []string
	for _, id := range s.IDs() {
		if id.Collection == c {
			ids = append(ids, id.ID)
		}
	}
	return ids
}

func foreignTerm(s *snapshot.Snapshot, f *snapshot.File, ref snapshot.Ref) (schema.Finding, bool) {
	if s.Manifest == nil {
		return schema.Finding{}, false
	}
	terms := vocabulary(s.Manifest, ref.Vocabulary)
	if len(terms) == 0 && ref.Vocabulary == "purposes" {
		return schema.Finding{}, false // the schema has a closed list of its own
	}
	if slices.Contains(terms, ref.Term) {
		return schema.Finding{}, false
	}
	found := unknownTerm.at(f.Path, ref.Range, f.ID, ref.Pointer,
		fmt.Sprintf("%q is not in the manifest's vocabulary of %s", ref.Term, ref.Vocabulary))
	if near := nearest(ref.Term, terms); near != "" {
		found.Remedy = fmt.Sprintf("Did you mean %q? Otherwise add the term to vocabularies.%s in the manifest.", near, ref.Vocabulary)
	}
	return found, true
}

func vocabulary(m *schema.Manifest, name string) []string {
	var terms map[string]schema.Text
	switch name {
	case "purposes":
		terms = m.Vocabularies.Purposes
	case "regions":
		terms = m.Vocabularies.Regions
	case "topics":
		terms = m.Vocabularies.Topics
	}
	keys := make([]string, 0, len(terms))
	for key := range terms {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}
