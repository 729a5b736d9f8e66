// Package schema defines the data that the worker and the publishers share: the
// records of a dataset, their canonical form and digests, the set of records at
// a point in time, and the findings about them.
//
// The JSON Schema files under v1 are the only description of the dataset
// format. They validate the maintainers' files, and define for Normalize which
// fields are texts, dates and defaults, and for change detection how
// significant each field is.
package schema
