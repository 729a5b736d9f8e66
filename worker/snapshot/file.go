package snapshot

import (
	"iter"
	"path"
	"strings"

	"netsync/schema"
	"netsync/worker/git"
	"netsync/worker/yaml"
)

// A File is a file of the dataset in a snapshot.
type File struct {
	Path string
	// ID is the record according to the path; zero if the file is not a record.
	ID   schema.RecordID
	Role Role
	// Stored is the record's published form. It is zero if the file could not
	// be read, or with CheckOnly.
	Stored schema.Stored
	// Aliases are former ids of the record.
	Aliases []string
	// Dated is set if the published form depends on the day.
	Dated bool
	// Status is the state of the membership or activity that is derived from
	// dates; "" if there is none.
	Status string
	// Findings are the findings of the file by itself.
	Findings []schema.Finding
	// Image is nil if the file is not an image, or has errors.
	Image *Image

	refs   []ref
	claims []claim
}

// Record returns the record's published form, or zero if there is none.
func (f *File) Record() schema.Record { return f.Stored.Record(f.ID) }

// Refs yields the references of the record to other records, terms and images,
// by pointer.
func (f *File) Refs() iter.Seq[Ref] {
	return func(yield func(Ref) bool) {
		for _, r := range f.refs {
			if !yield(r.unpackRef()) {
				return
			}
		}
	}
}

// Claims yields the claims of the record.
func (f *File) Claims() iter.Seq[Claim] {
	return func(yield func(Claim) bool) {
		for _, c := range f.claims {
			if !yield(c.unpackClaim()) {
				return
			}
		}
	}
}

// An Image is a valid image of the dataset.
type Image struct {
	schema.Image
	Blob git.ObjectID // "" if it was not read from a commit
}

// Shows returns the path of the image that a record shows, or "".
func (f *File) Shows() string {
	for _, r := range f.refs {
		if path := r.target.Value().Asset; path != "" {
			return path
		}
	}
	return ""
}

// A Role is the role of a file in a dataset.
type Role string

// Roles.
const (
	Manifest Role = "manifest"
	Record   Role = "record"
	Asset    Role = "asset" // an image
	Stray    Role = "stray" // a record in a wrong place, which is not read
)

// A Ref is a reference with its position.
type Ref struct {
	Target
	Pointer string
	Range   yaml.Range
}

// A Target is the target of a reference: a record, a term of a vocabulary, or
// an image.
type Target struct {
	Record     schema.RecordID
	Vocabulary string
	Term       string
	Asset      string // path
}

// A Claim is a value that must be unique among the records of a collection, or
// among files.
type Claim struct {
	Kind    ClaimKind
	Value   string // normalized for comparison
	Pointer string
	Range   yaml.Range
}

// A ClaimKind is the kind of a claim. Names are claimed for each language.
type ClaimKind string

// Kinds of claims.
const (
	ClaimID         ClaimKind = "id"
	ClaimAlias      ClaimKind = "alias" // conflicts with ids, too
	ClaimName       ClaimKind = "name"
	ClaimIdentifier ClaimKind = "identifier"
	ClaimHomepage   ClaimKind = "home page"
	ClaimPath       ClaimKind = "path" // of any file, in lower case
	ClaimDataset    ClaimKind = "dataset id"
)

// RefTo returns the position of the reference to a record, or the start of the
// file if there is none.
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

// ManifestBase is the manifest's file name without extension.
const ManifestBase = "dataset"

// assetFolder is the folder of images.
const assetFolder = "assets"

// Classify returns what the file at a path of the dataset is: the manifest
// (zero id), a record, or neither (ok is false). The id is taken from the
// file's name, valid or not.
func Classify(name string) (id schema.RecordID, ok bool) {
	id, role := classifyPath(name)
	return id, role == Manifest || role == Record
}

// classifyPath returns the role of a file by its path, or "" if it is outside
// the dataset.
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

// inDataset reports whether a path is in the folder of a collection or of
// images, with any extension: links and submodules there are refused.
func inDataset(name string) bool {
	folder, _, nested := strings.Cut(name, "/")
	return nested && (folder == assetFolder || schema.Collection(folder).Valid())
}

// recordAt returns the id of the record at a path in a collection's folder.
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

// MeantFolder returns the collection whose folder name is meant by a name, or
// "".
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
