// Package schema is the language that netsync's two wings speak: the records
// of a dataset, their canonical form and digests, the set of records at a
// point in time, and the findings about them.
//
// The JSON Schema files under v1 are the one description of the dataset
// format. They validate what maintainers write, and the same files tell
// Normalize which fields are texts, dates and defaults, and the change
// detection which fields matter how much.
package schema
