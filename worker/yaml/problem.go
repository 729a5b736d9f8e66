package yaml

// A Kind is a kind of mistake in the form of a file.
type Kind string

// The kinds of problems. The rules of validation give them their codes.
const (
	Syntax       Kind = "yaml-syntax"
	DuplicateKey Kind = "duplicate-key"
	Feature      Kind = "yaml-feature"
	Encoding     Kind = "encoding"
	TooLarge     Kind = "too-large"
	TooDeep      Kind = "too-deep"
	Number       Kind = "number-range"
	NotAFile     Kind = "not-a-file"
)

// A Problem is something that keeps a file from being read as it is.
type Problem struct {
	Kind    Kind
	Range   Range
	Pointer string // RFC 6901
	Message string
}
