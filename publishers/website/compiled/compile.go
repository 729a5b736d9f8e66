package compiled

import (
	"bytes"
	"reflect"
	"text/template/parse"
)

// leftToOthers is what a run panics with where it leaves a page to
// html/template.
type leftToOthers struct{}

func leave() { panic(leftToOthers{}) }

// caught ends a panic of leave, and no other: it calls then where there was one.
func caught(r any, then func()) {
	switch r.(type) {
	case nil:
	case leftToOthers:
		then()
	default:
		panic(r)
	}
}

func left(*run, reflect.Value) { leave() }

// maxDepth is how deep templates may call one another here.
const maxDepth = 100

// A run is one execution.
type run struct {
	b     *bytes.Buffer
	vars  []reflect.Value
	base  int // of the variables of the template that runs
	depth int
}

// A step does a part of a template. What dot is, is never an interface.
type step func(r *run, dot reflect.Value)

// A scope is what is known where an action stands.
type scope struct {
	*Templates
	dot  reflect.Type
	vars []variable // the first is $
}

type variable struct {
	name string
	typ  reflect.Type
}

// compile returns nil where a template has something that is html/template's
// to execute.
func (t *Templates) compile(k key) (do step) {
	found := t.slow.Lookup(k.name)
	if found == nil || found.Tree == nil {
		return nil
	}
	defer func() { caught(recover(), func() { do = nil }) }()
	s := &scope{Templates: t, dot: k.dot, vars: []variable{{"$", k.dot}}}
	return s.list(found.Tree.Root)
}

// with is the scope where dot is something else, and a variable more is known.
func (s *scope) with(dot reflect.Type, more ...variable) *scope {
	return &scope{s.Templates, dot, append(s.vars[:len(s.vars):len(s.vars)], more...)}
}

func (s *scope) list(list *parse.ListNode) step {
	if list == nil {
		return func(*run, reflect.Value) {}
	}
	var steps []step
	for _, node := range list.Nodes {
		steps = append(steps, s.node(node))
	}
	return func(r *run, dot reflect.Value) {
		for _, do := range steps {
			do(r, dot)
		}
	}
}

func (s *scope) node(node parse.Node) step {
	switch node := node.(type) {
	case *parse.TextNode:
		text := string(node.Text)
		return func(r *run, _ reflect.Value) { r.b.WriteString(text) }
	case *parse.ActionNode:
		return s.action(node)
	case *parse.TemplateNode:
		return s.template(node)
	case *parse.IfNode:
		return s.branch(&node.BranchNode, false)
	case *parse.WithNode:
		return s.branch(&node.BranchNode, true)
	case *parse.RangeNode:
		return s.loop(&node.BranchNode)
	}
	leave()
	return nil
}

// action shows a value.
func (s *scope) action(node *parse.ActionNode) step {
	if len(node.Pipe.Decl) > 0 {
		leave()
	}
	var escaping chain
	for n, command := range node.Pipe.Cmds {
		switch name, ok := command.Args[0].(*parse.IdentifierNode); {
		case len(command.Args) > 1:
			leave()
		case n > 0 && ok:
			escaping += chain(name.Ident) + "|"
		case n > 0:
			leave()
		}
	}
	value := s.value(node.Pipe.Cmds[0].Args[0])
	return s.typed(value, left, func(typ reflect.Type) consumer {
		show := s.shower(typ, escaping)
		return func(r *run, _, v reflect.Value) { show(r, v) }
	})
}

// template calls another one.
func (s *scope) template(node *parse.TemplateNode) step {
	if node.Pipe == nil || s.slow.Lookup(node.Name) == nil { // one of html/template's making
		leave()
	}
	return s.typed(s.pipe(node.Pipe), left, func(typ reflect.Type) consumer {
		k := key{node.Name, typ}
		p := s.program(k)
		return func(r *run, _, v reflect.Value) { s.call(r, p, k, v) }
	})
}

// branch is an if, or a with, in which dot is the value.
func (s *scope) branch(node *parse.BranchNode, with bool) step {
	value := s.pipe(node.Pipe)
	otherwise := s.list(node.ElseList)
	slot := len(s.vars)
	return s.typed(value, otherwise, func(typ reflect.Type) consumer {
		dot := s.dot
		if with {
			dot = typ
		}
		var declared []variable
		if len(node.Pipe.Decl) == 1 {
			declared = []variable{{node.Pipe.Decl[0].Ident[0], typ}}
			// What is behind else would know it as well.
			if node.ElseList != nil {
				leave()
			}
		}
		then := s.with(dot, declared...).list(node.List)
		truth := truthOf(typ)
		return func(r *run, dot, v reflect.Value) {
			if !truth(v) {
				otherwise(r, dot)
				return
			}
			if declared != nil {
				r.set(slot, v)
			}
			if with {
				dot = v
			}
			then(r, dot)
		}
	})
}

// loop is a range over a list.
func (s *scope) loop(node *parse.BranchNode) step {
	otherwise := s.list(node.ElseList)
	slot := len(s.vars)
	return s.typed(s.pipe(node.Pipe), left, func(typ reflect.Type) consumer {
		if typ.Kind() != reflect.Slice || typ.Elem().Kind() == reflect.Interface {
			leave()
		}
		var declared []variable
		for n, v := range node.Pipe.Decl {
			t := typ.Elem()
			if n == 0 && len(node.Pipe.Decl) == 2 {
				t = reflect.TypeFor[int]()
			}
			declared = append(declared, variable{v.Ident[0], t})
		}
		each := s.with(typ.Elem(), declared...).list(node.List)
		return func(r *run, dot, v reflect.Value) {
			if v.Len() == 0 {
				otherwise(r, dot)
			}
			for n := range v.Len() {
				switch len(declared) {
				case 1:
					r.set(slot, v.Index(n))
				case 2:
					r.set(slot, reflect.ValueOf(n))
					r.set(slot+1, v.Index(n))
				}
				each(r, v.Index(n))
			}
		}
	})
}

// set gives a variable of the template that runs a value.
func (r *run) set(slot int, v reflect.Value) {
	for len(r.vars) <= r.base+slot {
		r.vars = append(r.vars, reflect.Value{})
	}
	r.vars[r.base+slot] = v
}
