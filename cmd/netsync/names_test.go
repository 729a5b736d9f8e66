package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// maxOneWord is the share of unexported functions and methods of a package, in
// percent, whose names are one word; small packages may have smallNames of them.
const (
	maxOneWord = 15
	smallNames = 3
)

// verbs are the verbs of the field that say enough by themselves.
var verbs = strings.Fields(`
	parse read render close open load write add get put set run list find remove delete check compare encode decode copy
	sync format print send start stop wait watch build create update insert sort merge split join match lock unlock append
	apply reset flush fetch push serve handle init validate link mkdir rename walk scan main`)

func isOneWord(name string) bool {
	return !ast.IsExported(name) && !strings.ContainsFunc(name, unicode.IsUpper) && !slices.Contains(verbs, name)
}

// A function's name says what it does to what: a lone participle or noun has to be
// read twice.
func TestFunctionsAreNamedByVerbAndNoun(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t) {
		if !isProduct(strings.TrimPrefix(p.ImportPath, "netsync/")) {
			continue
		}
		functions, oneWord := 0, []string{}
		files, err := filepath.Glob(filepath.Join(p.Dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range tree.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok || f.Name.IsExported() {
					continue
				}
				if functions++; isOneWord(f.Name.Name) {
					oneWord = append(oneWord, f.Name.Name)
				}
			}
		}
		if len(oneWord) > smallNames && 100*len(oneWord) > maxOneWord*functions {
			t.Errorf("%s: %d of %d unexported functions have one-word names: %s", p.ImportPath, len(oneWord), functions, strings.Join(oneWord, ", "))
		}
	}
}
