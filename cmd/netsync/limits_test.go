package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var writeExcesses = flag.Bool("excesses.write", false, "write what is beyond a limit to "+excessesFile)

// limits bound what a reader has to hold in the head at once. Lines are those of
// the file, comments and blank ones included.
var limits = map[string]int{
	"files":          25,  // of a package
	"names":          250, // functions, methods, types and variables of a package
	"methods":        30,  // of a type
	"function lines": 60,
	"file lines":     350,
}

// maxProductLines bounds the product without its tests; lower it when much went.
const maxProductLines = 69060

// excessesFile lists what is beyond a limit: its measure, its number and its
// name. A line may shrink or go, and no line may be added without a reason.
const excessesFile = "testdata/excesses.txt"

// A measure is one number that a limit bounds.
type measure struct{ limit, name string }

// measurePackage adds the numbers of a package's files without tests to all, and
// returns the number of their lines.
func measurePackage(t *testing.T, dir, name string, all map[measure]int) (lines int) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		set := token.NewFileSet()
		tree, err := parser.ParseFile(set, file, data, 0)
		if err != nil {
			t.Fatal(err)
		}
		count := bytes.Count(data, []byte("\n"))
		lines += count
		all[measure{"files", name}]++
		all[measure{"file lines", name + "/" + filepath.Base(file)}] = count
		for _, d := range tree.Decls {
			measureDeclaration(set, d, name, all)
		}
	}
	return lines
}

func measureDeclaration(set *token.FileSet, d ast.Decl, name string, all map[measure]int) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		all[measure{"names", name}]++
		function := name + "." + d.Name.Name
		if owner := receiverType(d); owner != "" {
			all[measure{"methods", name + "." + owner}]++
			function = name + "." + owner + "." + d.Name.Name
		}
		all[measure{"function lines", function}] = set.Position(d.End()).Line - set.Position(d.Pos()).Line + 1
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				all[measure{"names", name}]++
			case *ast.ValueSpec:
				if d.Tok == token.VAR {
					all[measure{"names", name}] += len(spec.Names)
				}
			}
		}
	}
}

// receiverType returns the name of the type that a method belongs to, "" for a
// function.
func receiverType(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return ""
	}
	expr := d.Recv.List[0].Type
	for {
		switch e := expr.(type) {
		case *ast.StarExpr:
			expr = e.X
		case *ast.IndexExpr:
			expr = e.X
		case *ast.IndexListExpr:
			expr = e.X
		case *ast.Ident:
			return e.Name
		default:
			return ""
		}
	}
}

// isProduct reports whether a package is part of what users run. The others are
// for tests and measurements.
func isProduct(name string) bool {
	return !slices.ContainsFunc([]string{"test", "bench", "chaos", "corpora", "examples"}, func(word string) bool {
		return strings.Contains(name, word)
	})
}

func readExcesses(t *testing.T) map[measure]int {
	t.Helper()
	data, err := os.ReadFile(excessesFile)
	if err != nil {
		t.Fatal(err)
	}
	all := map[measure]int{}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		fields := strings.Split(line, "\t")
		if len(fields) != 3 {
			t.Fatalf("%s: %q: want measure, number and name, with tabs between them", excessesFile, line)
		}
		number, err := strconv.Atoi(fields[1])
		if err != nil {
			t.Fatalf("%s: %q: %v", excessesFile, line, err)
		}
		all[measure{fields[0], strings.TrimSpace(fields[2])}] = number
	}
	return all
}

func TestPackagesKeepTheirLimits(t *testing.T) {
	t.Parallel()
	measures, product := map[measure]int{}, 0
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(p.ImportPath, "netsync/")
		lines := measurePackage(t, p.Dir, name, measures)
		if isProduct(name) {
			product += lines
		}
	}
	t.Logf("the product has %d lines", product)
	if product > maxProductLines {
		t.Errorf("the product has %d lines; at most %d", product, maxProductLines)
	}
	if *writeExcesses {
		writeAllExcesses(t, measures)
	}
	excesses := readExcesses(t)
	for m, number := range measures {
		switch listed, ok := excesses[m]; {
		case number > max(limits[m.limit], listed):
			t.Errorf("%s has %d %s; at most %d", m.name, number, m.limit, max(limits[m.limit], listed))
		case ok && number <= limits[m.limit]:
			t.Errorf("%s has %d %s, which is within the limit: remove its line from %s", m.name, number, m.limit, excessesFile)
		case ok && number < listed:
			t.Logf("%s has %d %s: lower its line in %s from %d", m.name, number, m.limit, excessesFile, listed)
		}
	}
	for m := range excesses {
		if _, ok := measures[m]; !ok {
			t.Errorf("%s lists %s, which does not exist", excessesFile, m.name)
		}
	}
}

func writeAllExcesses(t *testing.T, measures map[measure]int) {
	t.Helper()
	var b strings.Builder
	compare := func(a, c measure) int { return strings.Compare(a.limit+a.name, c.limit+c.name) }
	for _, m := range slices.SortedFunc(maps.Keys(measures), compare) {
		if measures[m] > limits[m.limit] {
			fmt.Fprintf(&b, "%s\t%d\t%s\n", m.limit, measures[m], m.name)
		}
	}
	if err := os.WriteFile(excessesFile, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}
