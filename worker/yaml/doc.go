// Package yaml reads the files of a dataset: YAML, or JSON, in which every value
// has its place, and every mistake a message that says where it is and how it is
// mended. A strict subset of YAML is read without the library, which reads the
// rest; tests compare the two.
package yaml
