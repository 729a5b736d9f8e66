// Package validate holds the rules of a dataset and the forms in which
// findings are reported. The same rules with the same words run on a
// maintainer's machine, in continuous integration and in the worker.
package validate

import (
	"netsync/schema"
	"netsync/worker/snapshot"
)

// A Rule is something that a dataset must or should keep to.
type Rule struct {
	Code     string // stable: NS012
	Name     string // stable: dangling-reference
	Severity schema.Severity
	Summary  string // what the rule asks for
	Remedy   string // what to do, where a finding knows nothing better
}

var (
	yamlSyntax    = Rule{"NS001", "yaml-syntax", schema.Error, "A file holds one well-formed YAML or JSON document with keys and values.", "Check the indentation, the quotes and the brackets on this line and the one before."}
	duplicateKey  = Rule{"NS002", "duplicate-key", schema.Error, "A key stands once in a map.", "Keep one of the two and delete the other."}
	yamlFeature   = Rule{"NS003", "yaml-feature", schema.Error, "Anchors, aliases, merges and tags are not used.", "Write the value out in full."}
	encoding      = Rule{"NS004", "encoding", schema.Error, "Files are UTF-8 text.", "Save the file as UTF-8."}
	tooLarge      = Rule{"NS005", "too-large", schema.Error, "A file has at most 256 KiB.", "Shorten the texts, or keep long material elsewhere and link to it."}
	tooDeep       = Rule{"NS006", "too-deep", schema.Error, "Values lie at most 64 levels deep.", "Flatten the structure."}
	notAFile      = Rule{"NS007", "not-a-file", schema.Error, "Records are regular files.", "Replace it with a regular file."}
	unknownKey    = Rule{"NS008", "unknown-key", schema.Error, "Only keys of the format are used, and keys that begin with x-.", "Correct the key, or begin it with x- if it is your own."}
	missingKey    = Rule{"NS009", "missing-key", schema.Error, "Required keys are there.", "Add the key."}
	wrongValue    = Rule{"NS010", "wrong-value", schema.Error, "A value has the type and form that its key asks for.", "Correct the value."}
	idMismatch    = Rule{"NS011", "id-mismatch", schema.Error, "A record's id is its file's base name, in lower-case letters, digits and single hyphens.", "Make the id and the file's name the same."}
	danglingRef   = Rule{"NS012", "dangling-reference", schema.Error, "Records that are referred to exist.", "Correct the id, or add the record."}
	duplicateID   = Rule{"NS013", "duplicate-id", schema.Error, "An id stands once in a collection.", "Rename or delete one of the two files."}
	unknownTerm   = Rule{"NS014", "unknown-term", schema.Error, "Topics, regions and purposes are terms of the manifest's vocabularies.", "Correct the term, or add it to the vocabularies in the manifest."}
	invalidDate   = Rule{"NS015", "invalid-date", schema.Error, "Dates are EDTF level 1: 1987, 199X, 2024-06, 2024-06-30.", "Write a date that exists, such as 1987, 199X, 2024-06 or 2024-06-30."}
	dateOrder     = Rule{"NS016", "date-order", schema.Error, "What ends does so after it began.", "Correct one of the two dates."}
	noManifest    = Rule{"NS017", "missing-manifest", schema.Error, "The dataset has a manifest, dataset.yaml.", "Add dataset.yaml, or set the folder of the dataset with dataset.path."}
	numberRange   = Rule{"NS018", "number-range", schema.Error, "Numbers are small enough to be kept exactly.", "Put the number in quotes if it is a name rather than an amount."}
	controlChar   = Rule{"NS019", "control-character", schema.Error, "Texts hold no control characters and no overrides of the writing direction.", "Delete the character; it cannot be seen, so type the words around it again."}
	removalWaits  = Rule{"NS020", "removal-waits", schema.Warning, "What a published record refers to is not deleted before it.", "Mend the record that refers to it."}
	massRemoval   = Rule{"NS021", "mass-removal", schema.Error, "A commit removes at most 5 records, or a tenth, of a collection.", "Bring the records back. Where they are meant to go, commit with the trailer Netsync-Allow-Removals: true, or run netsync sync --allow-removals."}
	ruleByProblem = map[snapshot.Kind]Rule{
		snapshot.Syntax: yamlSyntax, snapshot.DuplicateKey: duplicateKey, snapshot.Feature: yamlFeature,
		snapshot.Encoding: encoding, snapshot.TooLarge: tooLarge, snapshot.TooDeep: tooDeep,
		snapshot.NotAFile: notAFile, snapshot.Number: numberRange,
	}
)

// Rules returns all rules by code.
func Rules() []Rule {
	return []Rule{
		yamlSyntax, duplicateKey, yamlFeature, encoding, tooLarge, tooDeep, notAFile,
		unknownKey, missingKey, wrongValue, idMismatch, danglingRef, duplicateID,
		unknownTerm, invalidDate, dateOrder, noManifest, numberRange, controlChar,
		removalWaits, massRemoval,
	}
}

// at makes a finding of the rule.
func (r Rule) at(file string, place snapshot.Range, record schema.RecordID, pointer, message string) schema.Finding {
	f := schema.Finding{
		Severity: r.Severity, Rule: r.Code, Name: r.Name,
		File: file, Line: place.Line, Column: place.Column, EndLine: place.EndLine, EndColumn: place.EndColumn,
		Pointer: pointer, Message: shortened(message), Remedy: r.Remedy,
	}
	if record != (schema.RecordID{}) {
		f.Record = record.String()
	}
	return f
}

// maxMessage is how long a message may be, in characters. It may quote what
// stands in a file, which may be all of it.
const maxMessage = 500

func shortened(message string) string {
	n := 0
	for i := range message {
		if n++; n > maxMessage {
			return message[:i] + "…"
		}
	}
	return message
}
