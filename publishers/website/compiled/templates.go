// Package compiled executes templates of html/template several times as fast:
// it inspects the types of values once, not for each page, and does not escape
// values without special characters.
//
// The output has the same bytes as that of html/template. The package does not
// escape anything itself: it leaves to html/template whatever may differ, such
// as functions, maps, values with special characters, and errors.
package compiled

import (
	"bytes"
	"html/template"
	"reflect"
	"sync"
	"sync/atomic"
)

// Templates executes a set of templates. It is safe for concurrent use. The
// set must not be modified.
type Templates struct {
	original *template.Template

	mu       sync.Mutex
	escaped  map[string]bool // by html/template, at the first execution
	programs map[programKey]*program
	escapers map[escaperChain]*template.Template
}

// A programKey is a template with the type of its dot.
type programKey struct {
	name string
	dot  reflect.Type
}

// A program is a template for dots of one type. It is compiled when it first
// runs, so templates may call one another.
type program struct {
	once          sync.Once
	run           step
	needsFallback atomic.Bool // leave it to html/template
}

// New returns the Templates of a set.
func New(set *template.Template) *Templates {
	return &Templates{
		original: set,
		escaped:  make(map[string]bool),
		programs: make(map[programKey]*program),
		escapers: make(map[escaperChain]*template.Template),
	}
}

// Execute appends the output of a template to b. Errors are those of
// html/template; b must not be used after one.
func (t *Templates) Execute(b *bytes.Buffer, name string, data any) error {
	if !t.isEscaped(name) {
		err := t.original.ExecuteTemplate(b, name, data)
		t.markEscaped(name)
		return err
	}
	length := b.Len()
	if t.executeFast(b, name, reflect.ValueOf(data)) {
		return nil
	}
	b.Truncate(length)
	return t.original.ExecuteTemplate(b, name, data)
}

func (t *Templates) isEscaped(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.escaped[name]
}

func (t *Templates) markEscaped(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.escaped[name] = true
}

// executeFast reports whether it executed the template. If not, b may have a
// part of the output.
func (t *Templates) executeFast(b *bytes.Buffer, name string, data reflect.Value) (done bool) {
	if !data.IsValid() {
		return false
	}
	k := programKey{name, data.Type()}
	p := t.programFor(k)
	if p.needsFallback.Load() {
		return false
	}
	defer func() {
		recoverFallback(recover(), func() {
			p.needsFallback.Store(true)
			done = false
		})
	}()
	t.runProgram(&run{b: b}, p, k, data)
	return true
}

func (t *Templates) programFor(k programKey) *program {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.programs[k]
	if p == nil {
		p = &program{}
		t.programs[k] = p
	}
	return p
}

// runProgram runs a program with its own variables, the first of which is $.
func (t *Templates) runProgram(r *run, p *program, k programKey, dot reflect.Value) {
	p.once.Do(func() { p.run = t.compileProgram(k) })
	if p.run == nil || r.depth == maxDepth {
		fallBack()
	}
	base := r.base
	r.base = len(r.vars)
	r.depth++
	r.vars = append(r.vars, dot)
	p.run(r, dot)
	r.vars = r.vars[:r.base]
	r.base = base
	r.depth--
}

// FallsBack reports whether a template, after two executions, is left to
// html/template for some type of dot. Tests use it to find slow pages.
func (t *Templates) FallsBack(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, p := range t.programs {
		if k.name == name && p.needsFallback.Load() {
			return true
		}
	}
	return false
}
