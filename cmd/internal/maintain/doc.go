// Package maintain has the commands of those who keep a dataset, or a copy of one:
// none of them needs a broker.
package maintain
