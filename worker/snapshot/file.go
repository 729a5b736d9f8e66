package snapshot

import (
	"iter"
	"path"
	"strings"

	"netsync/schema"
	"netsync/worker/git"
	"netsync/worker/yaml"
)

// A File is what a snapshot keeps of a file of the dataset.
type File struct {
	Path string
	// ID is the record that the file's place names; zero for what is no
	// record.
	ID   schema.RecordID
	Role Role
	// Stored is the record's published form. It is zero where the file
	// could not be read, or where nobody asked for it.
	Stored schema.Stored
	// Aliases are former ids of the record.
	Aliases []string
	// Dated says that the published form depends on the day.
	Dated bool
	// Status is the state that follows from the record's dates: that of the
	// membership or of the activity, "" where there is none.
	Status string
	// Findings are those that the file has by itself.
	Findings []schema.Finding
	// Image is what an image is; nil for what is none, or has errors.
	Image *Image

	refs   []ref
	claims []claim
}

// Record returns the record's published form; zero where there is none.
func (f *File) Record() schema.Record { return f.Stored.Record(f.ID) }

// Refs yields the records, terms and images that the record refers to, by
// pointer.
func (f *File) Refs() iter.Seq[Ref] {
	return func(yield func(Ref) bool) {
		for _, r := range f.refs {
			if !yield(r.unpack()) {
				return
			}
		}
	}
}

// Claims yields what the record says that no other one may say.
func (f *File) Claims() iter.Seq[Claim] {
	return func(yield func(Claim) bool) {
		for _, c := range f.claims {
			if !yield(c.unpack()) {
				return
			}
		}
	}
}

// An Image is a good image of the dataset, and where its bytes are.
type Image struct {
	schema.Image
	Blob git.ObjectID // "" where it was not read from a commit
}

// Shows returns the path of the image that a record shows; "" where it shows
// none.
func (f *File) Shows() string {
	for _, r := range f.refs {
		if path := r.target.Value().Asset; path != "" {
			return path
		}
	}
	return ""
}

// A Role is what a file is in a dataset.
type Role string

// The roles.
const (
	Manifest Role = "manifest"
	Record   Role = "record"
	Asset    Role = "asset" // an image
	Stray    Role = "stray" // looks like a record in a wrong place, and is not read
)

// A Ref is something that a record refers to, and where.
type Ref struct {
	Target
	Pointer string
	Range   yaml.Range
}

// A Target is what is referred to: a record, a term of one of the manifest's
// vocabularies, or an image.
type Target struct {
	Record     schema.RecordID
	Vocabulary string
	Term       string
	Asset      string // path
}

// A Claim is something that only one record of a collection, or one file, may
// say.
type Claim struct {
	Kind    ClaimKind
	Value   string // in the form in which claims are compared
	Pointer string
	Range   yaml.Range
}

// A ClaimKind says what is claimed. Names are claimed for each language.
type ClaimKind string

// The kinds of claims.
const (
	ClaimID         ClaimKind = "id"
	ClaimAlias      ClaimKind = "alias" // conflicts with ids, too
	ClaimName       ClaimKind = "name"
	ClaimIdentifier ClaimKind = "identifier"
	ClaimHomepage   ClaimKind = "home page"
	ClaimPath       ClaimKind = "path" // of any file, in small letters
	ClaimDataset    ClaimKind = "dataset id"
)

// RefTo returns where the record refers to another; the start of the file
// where it does not.
func (f *File) RefTo(id schema.RecordID) (pointer string, place yaml.Range) {
	for ref := range f.Refs() {
		if ref.Record == id {
			return ref.Pointer, ref.Range
		}
	}
	return "", yaml.Start
}

// Broken reports whether the file has errors by itself.
func (f *File) Broken() bool {
	for _, finding := range f.Findings {
		if finding.Severity == schema.Error {
			return true
		}
	}
	return false
}

// ManifestBase is the manifest's file name without its extension.
const ManifestBase = "dataset"

// assetFolder is where images lie.
const assetFolder = "assets"

// Classify tells what a path of the dataset holds: the manifest (zero id), a
// record, or neither (ok is false). The id is taken from the file's name,
// valid or not.
func Classify(name string) (id schema.RecordID, ok bool) {
	id, role := classifyPath(name)
	return id, role == Manifest || role == Record
}

// classifyPath returns the role of a file by its path; "" for one outside the dataset.
func classifyPath(name string) (id schema.RecordID, role Role) {
	ext := path.Ext(name)
	folder, _, nested := strings.Cut(name, "/")
	switch lower := strings.ToLower(ext); {
	case nested && folder == assetFolder:
		if isImage(ext) {
			return id, Asset
		}
		return id, ""
	case lower != ".yaml" && lower != ".yml" && lower != ".json":
		return id, ""
	case !nested && ext == lower && strings.TrimSuffix(name, ext) == ManifestBase:
		return id, Manifest
	case !nested:
		return id, ""
	case ext == lower && schema.Collection(folder).Valid():
		return schema.RecordID{Collection: schema.Collection(folder), ID: strings.TrimSuffix(path.Base(name), ext)}, Record
	case MeantFolder(folder) != "":
		return id, Stray
	}
	return id, ""
}

// inDataset reports whether a path lies in a collection's folder or in that of
// images, whatever it ends with: links and submodules there are refused.
func inDataset(name string) bool {
	folder, _, nested := strings.Cut(name, "/")
	return nested && (folder == assetFolder || schema.Collection(folder).Valid())
}

// recordAt names the record that a path in a collection's folder would be.
func recordAt(name string) schema.RecordID {
	folder, _, _ := strings.Cut(name, "/")
	if c := schema.Collection(folder); c.Valid() {
		return schema.RecordID{Collection: c, ID: strings.TrimSuffix(path.Base(name), path.Ext(name))}
	}
	return schema.RecordID{}
}

func isImage(ext string) bool {
	return ext == ".svg" || ext == ".png" || ext == ".webp" || ext == ".jpg"
}

// MeantFolder returns the collection whose folder a name was meant to be, or
// is; "" where it is none.
func MeantFolder(name string) schema.Collection {
	switch strings.ToLower(name) {
	case "networks", "network":
		return schema.Networks
	case "organizations", "organization", "organisations", "organisation":
		return schema.Organizations
	case "activities", "activity":
		return schema.Activities
	}
	return ""
}
