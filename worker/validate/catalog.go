package validate

import (
	"netsync/schema"
	"netsync/worker/asset"
	"netsync/worker/yaml"
)

var (
	yamlSyntax          = Rule{"NS001", "yaml-syntax", schema.Error, "A file holds one well-formed YAML or JSON document with keys and values.", "Check the indentation, the quotes and the brackets on this line and the one before."}
	duplicateKey        = Rule{"NS002", "duplicate-key", schema.Error, "A key stands once in a map.", "Keep one of the two and delete the other."}
	yamlFeature         = Rule{"NS003", "yaml-feature", schema.Error, "Anchors, aliases, merges and tags are not used.", "Write the value out in full."}
	encoding            = Rule{"NS004", "encoding", schema.Error, "Files are UTF-8 text.", "Save the file as UTF-8."}
	tooLarge            = Rule{"NS005", "too-large", schema.Error, "A file has at most 256 KiB.", "Shorten the texts, or keep long material elsewhere and link to it."}
	tooDeep             = Rule{"NS006", "too-deep", schema.Error, "Values lie at most 64 levels deep.", "Flatten the structure."}
	notAFile            = Rule{"NS007", "not-a-file", schema.Error, "Records are regular files.", "Replace it with a regular file."}
	unknownKey          = Rule{"NS008", "unknown-key", schema.Error, "Only keys of the format are used, and keys that begin with x-.", "Correct the key, or begin it with x- if it is your own."}
	missingKey          = Rule{"NS009", "missing-key", schema.Error, "Required keys are there.", "Add the key."}
	wrongValue          = Rule{"NS010", "wrong-value", schema.Error, "A value has the type and form that its key asks for.", "Correct the value."}
	idMismatch          = Rule{"NS011", "id-mismatch", schema.Error, "A record's id is its file's base name, in lower-case letters, digits and single hyphens.", "Make the id and the file's name the same."}
	danglingRef         = Rule{"NS012", "dangling-reference", schema.Error, "Records that are referred to exist.", "Correct the id, or add the record."}
	duplicateID         = Rule{"NS013", "duplicate-id", schema.Error, "An id stands once in a collection.", "Rename or delete one of the two files."}
	unknownTerm         = Rule{"NS014", "unknown-term", schema.Error, "Topics, regions and purposes are terms of the manifest's vocabularies.", "Correct the term, or add it to the vocabularies in the manifest."}
	invalidDate         = Rule{"NS015", "invalid-date", schema.Error, "Dates are EDTF level 1: 1987, 199X, 2024-06, 2024-06-30.", "Write a date that exists, such as 1987, 199X, 2024-06 or 2024-06-30."}
	dateOrder           = Rule{"NS016", "date-order", schema.Error, "What ends does so after it began.", "Correct one of the two dates."}
	noManifest          = Rule{"NS017", "missing-manifest", schema.Error, "The dataset has a manifest, dataset.yaml.", "Add dataset.yaml, or set the folder of the dataset with dataset.path."}
	numberRange         = Rule{"NS018", "number-range", schema.Error, "Numbers are small enough to be kept exactly.", "Put the number in quotes if it is a name rather than an amount."}
	controlChar         = Rule{"NS019", "control-character", schema.Error, "Texts hold no control characters and no overrides of the writing direction.", "Delete the character; it cannot be seen, so type the words around it again."}
	removalWaits        = Rule{"NS020", "removal-waits", schema.Warning, "What a published record refers to is not deleted before it.", "Mend the record that refers to it."}
	massRemoval         = Rule{"NS021", "mass-removal", schema.Error, "A commit removes at most 5 records, or a tenth, of a collection.", "Bring the records back. Where they are meant to go, commit with the trailer Netsync-Allow-Removals: true, or run netsync sync --allow-removals."}
	futureDate          = Rule{"NS022", "future-date", schema.Error, "What is said to have happened has happened.", "Correct the date."}
	checksum            = Rule{"NS023", "identifier-checksum", schema.Error, "Identifiers with a check digit are written without a slip.", "Copy the identifier again from its registry."}
	duplicateName       = Rule{"NS024", "duplicate-name", schema.Error, "No two records of a collection have the same name in a language.", "Delete one of the two if they are the same; otherwise write a name that tells them apart."}
	duplicateIdentifier = Rule{"NS025", "duplicate-identifier", schema.Error, "An identifier of a public registry belongs to one record.", "Correct the identifier of one of the two."}
	duplicateHomepage   = Rule{"NS026", "duplicate-home-page", schema.Error, "A home page belongs to one record of a collection.", "Correct the address, or give the link another rel than homepage."}
	aliasConflict       = Rule{"NS027", "alias-conflict", schema.Error, "A former id belongs to one record, and is no record's id.", "Delete the alias from all records but the one that had the id."}
	wrongCollection     = Rule{"NS028", "wrong-collection", schema.Error, "References lead to records of the right kind.", "Name a record of the right kind."}
	formerNetwork       = Rule{"NS029", "former-network", schema.Warning, "Activities that go on are run in networks that the institution is a member of.", "Say with ends when the activity ended, or name the network that it is run in now."}
	successionCycle     = Rule{"NS030", "succession-cycle", schema.Error, "Successors do not lead back to where they began.", "Correct membership.successor of one of them."}
	missingTranslation  = Rule{"NS031", "missing-translation", schema.Warning, "Texts that are translated are there in every language of the dataset.", "Add the translation."}
	unknownLanguage     = Rule{"NS032", "unknown-language", schema.Warning, "Texts are in languages of the dataset.", "Correct the language, or add it to languages in the manifest."}
	invalidLink         = Rule{"NS033", "invalid-link", schema.Error, "Links are whole web addresses, http or https, without a password.", "Copy the address from a browser."}
	missingAsset        = Rule{"NS034", "missing-asset", schema.Error, "Images that records name are in the folder assets, and are good.", "Correct the path, or add the image."}
	assetType           = Rule{"NS035", "asset-type", schema.Error, "An image is what the ending of its name says.", "Save it again in the format that its name says."}
	assetTooLarge       = Rule{"NS036", "asset-too-large", schema.Error, "An image has at most 1 MiB, and 8192 pixels each way.", "Make it smaller: a logo needs some 1000 pixels."}
	unsafeSVG           = Rule{"NS037", "unsafe-svg", schema.Error, "An SVG image holds nothing that runs, moves or is loaded from elsewhere, and its references draw at most 10,000 elements more.", "Export it as plain SVG, or take the element out with a text editor."}
	rawHTML             = Rule{"NS038", "raw-html", schema.Error, "Long texts are CommonMark without HTML.", "Write it in Markdown: *emphasis*, **strong**, [text](https://example.org/). To show a < as it is, write \\<."}
	headingOrder        = Rule{"NS039", "heading-order", schema.Warning, "Headings go down one level at a time.", "Use one # more than the heading above it, at most."}
	caseCollision       = Rule{"NS040", "case-collision", schema.Error, "Names of files differ in more than capitals.", "Rename or delete one of the two: Windows and macOS take them for the same file."}
	strayFile           = Rule{"NS041", "stray-file", schema.Warning, "Records lie where they are read.", "Move or rename the file."}
	datasetID           = Rule{"NS042", "dataset-id", schema.Error, "A dataset keeps the id that it is published under.", "Change the id back. If a new dataset is meant, stop netsync, run netsync sync --new-dataset, and start it again."}
	eventTooLarge       = Rule{"NS043", "event-too-large", schema.Error, "The event of a change is one message that the broker takes.", "Shorten the record's texts or lists, or change it in two commits."}
	ruleByProblem       = map[yaml.Kind]Rule{
		yaml.Syntax: yamlSyntax, yaml.DuplicateKey: duplicateKey, yaml.Feature: yamlFeature,
		yaml.Encoding: encoding, yaml.TooLarge: tooLarge, yaml.TooDeep: tooDeep,
		yaml.NotAFile: notAFile, yaml.Number: numberRange,
	}
	ruleByAsset = map[asset.Kind]Rule{
		asset.TooLarge: assetTooLarge, asset.WrongType: assetType, asset.Unsafe: unsafeSVG,
	}
)

// Rules returns all rules by code.
func Rules() []Rule {
	return []Rule{
		yamlSyntax, duplicateKey, yamlFeature, encoding, tooLarge, tooDeep, notAFile,
		unknownKey, missingKey, wrongValue, idMismatch, danglingRef, duplicateID,
		unknownTerm, invalidDate, dateOrder, noManifest, numberRange, controlChar,
		removalWaits, massRemoval, futureDate, checksum,
		duplicateName, duplicateIdentifier, duplicateHomepage, aliasConflict,
		wrongCollection, formerNetwork, successionCycle,
		missingTranslation, unknownLanguage, invalidLink,
		missingAsset, assetType, assetTooLarge, unsafeSVG,
		rawHTML, headingOrder, caseCollision, strayFile, datasetID, eventTooLarge,
	}
}
