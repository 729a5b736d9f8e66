package validate

import (
	"fmt"
	"maps"
	"slices"

	"netsync/schema"
	"netsync/schema/shared"
	"netsync/worker/snapshot"
)

// relations checks the relations between files.
type relations struct {
	s      *snapshot.Snapshot
	ids    map[schema.Collection][]string // made when they are asked for
	images []string                       // likewise, at most maxAssets
	// vocabularies has the sorted terms of the vocabularies that were needed.
	vocabularies map[string][]string
	// guesses counts the comparisons to find the names that dangling references may mean.
	guesses int
	// circles has the networks whose successors were followed, and whether they are part of a
	// circle.
	circles map[schema.RecordID]bool
}

// check returns the findings of a file that depend on other files.
func (r *relations) check(f *snapshot.File) []schema.Finding {
	var findings []schema.Finding
	if found, ok := r.checkDuplicate(f); ok {
		findings = append(findings, found)
	}
	for claim := range f.Claims() {
		if found, ok := r.checkClaim(f, claim); ok {
			findings = append(findings, found)
		}
	}
	for ref := range f.Refs() {
		if found, ok := r.checkReference(f, ref); ok {
			findings = append(findings, found)
		}
	}
	if found, ok := r.checkSuccession(f); ok {
		findings = append(findings, found)
	}
	return findings
}

func (r *relations) checkReference(f *snapshot.File, ref snapshot.Ref) (schema.Finding, bool) {
	switch {
	case ref.Vocabulary != "":
		return r.checkTerm(f, ref)
	case ref.Asset != "":
		return r.checkAsset(f, ref)
	}
	if len(r.s.PathsOf(ref.Record)) > 0 {
		return r.checkFormer(f, ref)
	}
	if found, ok := r.otherCollection(f, ref); ok {
		return found, true
	}
	found := danglingRef.newFinding(f.Path, ref.Range, f.ID, ref.Pointer,
		fmt.Sprintf("%s refers to %q, which is no %s of this dataset", formatSubject(ref.Pointer), ref.Record.ID, ref.Record.Collection.Singular()))
	found.Remedy = fmt.Sprintf("Correct the id, or add %s.yaml.", ref.Record)
	if near := r.nearestID(ref.Record); near != "" {
		found.Remedy = fmt.Sprintf("Did you mean %q? Otherwise add %s.yaml.", near, ref.Record)
	}
	return found, true
}

// otherCollection reports a reference to a record of the wrong kind.
func (r *relations) otherCollection(f *snapshot.File, ref snapshot.Ref) (schema.Finding, bool) {
	for _, collection := range schema.Collections() {
		other := schema.RecordID{Collection: collection, ID: ref.Record.ID}
		if len(r.s.PathsOf(other)) == 0 {
			continue
		}
		found := wrongCollection.newFinding(f.Path, ref.Range, f.ID, ref.Pointer,
			fmt.Sprintf("%s refers to %q, which is one of the %s, not of the %s", formatSubject(ref.Pointer), other.ID, collection, ref.Record.Collection))
		found.Remedy = fmt.Sprintf("Name a record of the %s, or add %s.yaml.", ref.Record.Collection, ref.Record)
		return found, true
	}
	return schema.Finding{}, false
}

// checkFormer reports an activity that continues in a network which the institution has
// left.
func (r *relations) checkFormer(f *snapshot.File, ref snapshot.Ref) (schema.Finding, bool) {
	if ref.Pointer != "/network" || f.ID.Collection != schema.Activities || f.Status == "ended" {
		return schema.Finding{}, false
	}
	network := r.s.FileOf(ref.Record)
	if network.Status != string(schema.Former) {
		return schema.Finding{}, false
	}
	return formerNetwork.newFinding(f.Path, ref.Range, f.ID, ref.Pointer,
		fmt.Sprintf("the activity goes on in %q, which the institution is no member of any more", ref.Record.ID)), true
}

func (r *relations) checkAsset(f *snapshot.File, ref snapshot.Ref) (schema.Finding, bool) {
	image := r.s.File(ref.Asset)
	switch {
	case image == nil:
		found := missingAsset.newFinding(f.Path, ref.Range, f.ID, ref.Pointer, fmt.Sprintf("there is no image %s", ref.Asset))
		if near := r.guessName(ref.Asset, r.assetNames()); near != "" {
			found.Remedy = fmt.Sprintf("Did you mean %q?", near)
		}
		return found, true
	case image.Broken():
		return missingAsset.newFinding(f.Path, ref.Range, f.ID, ref.Pointer,
			fmt.Sprintf("the image %s has errors of its own", ref.Asset)), true
	}
	return schema.Finding{}, false
}

// maxAssets is the maximum number of images that are compared with a dangling path.
const maxAssets = 1000

func (r *relations) assetNames() []string {
	if r.images == nil {
		paths := r.s.Assets()
		r.images = append([]string{}, paths[:min(len(paths), maxAssets)]...)
	}
	return r.images
}

func (r *relations) checkTerm(f *snapshot.File, ref snapshot.Ref) (schema.Finding, bool) {
	if r.s.Manifest == nil {
		return schema.Finding{}, false
	}
	terms := r.s.Manifest.Vocabularies.Terms(ref.Vocabulary)
	if len(terms) == 0 && ref.Vocabulary == "purposes" {
		return schema.Finding{}, false // the schema has a closed list of its own
	}
	if _, ok := terms[ref.Term]; ok {
		return schema.Finding{}, false
	}
	found := unknownTerm.newFinding(f.Path, ref.Range, f.ID, ref.Pointer,
		fmt.Sprintf("%q is not in the manifest's vocabulary of %s", ref.Term, ref.Vocabulary))
	if near := r.guessName(ref.Term, r.termsOf(ref.Vocabulary)); near != "" {
		found.Remedy = fmt.Sprintf("Did you mean %q? Otherwise add the term to vocabularies.%s in the manifest.", near, ref.Vocabulary)
	}
	return found, true
}

// termsOf returns the terms of a vocabulary, sorted.
func (r *relations) termsOf(vocabulary string) []string {
	sorted, ok := r.vocabularies[vocabulary]
	if !ok {
		sorted = slices.Sorted(maps.Keys(r.s.Manifest.Vocabularies.Terms(vocabulary)))
		if r.vocabularies == nil {
			r.vocabularies = make(map[string][]string)
		}
		r.vocabularies[vocabulary] = sorted
	}
	return sorted
}

func (r *relations) nearestID(id schema.RecordID) string {
	if r.ids == nil {
		r.ids = make(map[schema.Collection][]string)
		for _, id := range r.s.IDs() {
			r.ids[id.Collection] = append(r.ids[id.Collection], id.ID)
		}
	}
	return r.guessName(id.ID, r.ids[id.Collection])
}

// maxGuesses is the maximum number of comparisons of one check: a large dataset with many
// dangling references must not take minutes. Further findings get the plain remedy.
const maxGuesses = 1_000_000

// guessName returns the name that a dangling reference may mean, within the limit of
// comparisons.
func (r *relations) guessName(word string, candidates []string) string {
	if r.guesses += len(candidates); r.guesses > maxGuesses {
		return ""
	}
	return shared.Nearest(word, candidates, 1)
}
