// Package compiled executes templates of html/template several times as fast
// as it does: with one look at the types of what is shown instead of one for
// each page, and without escaping what has nothing to escape.
//
// It escapes nothing by itself. What a template shows has the bytes that
// html/template gives, since whatever is not surely the same (functions, maps,
// a value with a character that some escaper changes, an error) is left to it.
package compiled

import (
	"bytes"
	"html/template"
	"reflect"
	"sync"
	"sync/atomic"
)

// Templates are those of one set. They may be executed by several goroutines,
// and must not be changed any more.
type Templates struct {
	slow *template.Template

	mu       sync.Mutex
	escaped  map[string]bool // by html/template, which does that when it first executes one
	programs map[key]*program
	escapers map[chain]*template.Template
}

// A key is a template with the type of what it is given.
type key struct {
	name string
	dot  reflect.Type
}

// A program is a template for values of one type. It is compiled when it first
// runs, so that templates may call one another.
type program struct {
	once sync.Once
	run  step
	left atomic.Bool // to html/template
}

// New makes Templates of a set.
func New(set *template.Template) *Templates {
	return &Templates{
		slow:     set,
		escaped:  make(map[string]bool),
		programs: make(map[key]*program),
		escapers: make(map[chain]*template.Template),
	}
}

// Execute appends what a template makes of data to b. The error is
// html/template's; b is of no use then.
func (t *Templates) Execute(b *bytes.Buffer, name string, data any) error {
	if !t.isEscaped(name) {
		err := t.slow.ExecuteTemplate(b, name, data)
		t.noteEscaped(name)
		return err
	}
	length := b.Len()
	if t.executeFast(b, name, reflect.ValueOf(data)) {
		return nil
	}
	b.Truncate(length)
	return t.slow.ExecuteTemplate(b, name, data)
}

func (t *Templates) isEscaped(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.escaped[name]
}

func (t *Templates) noteEscaped(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.escaped[name] = true
}

// executeFast says whether it could; else part of the page may be in b.
func (t *Templates) executeFast(b *bytes.Buffer, name string, data reflect.Value) (done bool) {
	if !data.IsValid() {
		return false
	}
	k := key{name, data.Type()}
	p := t.program(k)
	if p.left.Load() {
		return false
	}
	defer func() {
		caught(recover(), func() {
			p.left.Store(true)
			done = false
		})
	}()
	t.call(&run{b: b}, p, k, data)
	return true
}

func (t *Templates) program(k key) *program {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.programs[k]
	if p == nil {
		p = &program{}
		t.programs[k] = p
	}
	return p
}

// call runs a program with its own variables, of which $ is the first.
func (t *Templates) call(r *run, p *program, k key, dot reflect.Value) {
	p.once.Do(func() { p.run = t.compile(k) })
	if p.run == nil || r.depth == maxDepth {
		leave()
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

// Left reports whether a template, after it was executed twice, is left to
// html/template for some of what it was given: a sign to a test that a site
// takes longer than it need.
func (t *Templates) Left(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k, p := range t.programs {
		if k.name == name && p.left.Load() {
			return true
		}
	}
	return false
}
