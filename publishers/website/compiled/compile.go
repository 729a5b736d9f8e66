package compiled

import (
	"bytes"
	"reflect"
	"text/template/parse"
)

// fallback is the panic value that leaves a page to html/template.
type fallback struct{}

func fallBack() { panic(fallback{}) }

// recoverFallback calls then if the recovered value r is a fallback. It panics
// again with any other value.
func recoverFallback(r any, then func()) {
	switch r.(type) {
	case nil:
	case fallback:
		then()
	default:
		panic(r)
	}
}

func fallBackStep(*run, reflect.Value) { fallBack() }

// maxDepth limits nested template calls.
const maxDepth = 100

// A run is one execution of a template.
type run struct {
	b     *bytes.Buffer
	vars  []reflect.Value
	base  int // index of the current template's first variable
	depth int
}

// A step executes a part of a template. The dot is never an interface.
type step func(r *run, dot reflect.Value)

// A scope holds the types known at a node of a template.
type scope struct {
	*Templates
	dot  reflect.Type
	vars []variable // the first is $
}

type variable struct {
	name string
	typ  reflect.Type
}

// compileProgram returns nil if the template must be executed by
// html/template.
func (t *Templates) compileProgram(k programKey) (do step) {
	found := t.original.Lookup(k.name)
	if found == nil || found.Tree == nil {
		return nil
	}
	defer func() { recoverFallback(recover(), func() { do = nil }) }()
	s := &scope{Templates: t, dot: k.dot, vars: []variable{{"$", k.dot}}}
	return s.compileList(found.Tree.Root)
}

// withDot returns the scope with another dot and more variables.
func (s *scope) withDot(dot reflect.Type, more ...variable) *scope {
	return &scope{s.Templates, dot, append(s.vars[:len(s.vars):len(s.vars)], more...)}
}

func (s *scope) compileList(list *parse.ListNode) step {
	if list == nil {
		return func(*run, reflect.Value) {}
	}
	var steps []step
	for _, node := range list.Nodes {
		steps = append(steps, s.compileNode(node))
	}
	return func(r *run, dot reflect.Value) {
		for _, do := range steps {
			do(r, dot)
		}
	}
}

func (s *scope) compileNode(node parse.Node) step {
	switch node := node.(type) {
	case *parse.TextNode:
		text := string(node.Text)
		return func(r *run, _ reflect.Value) { r.b.WriteString(text) }
	case *parse.ActionNode:
		return s.compileAction(node)
	case *parse.TemplateNode:
		return s.compileTemplate(node)
	case *parse.IfNode:
		return s.compileBranch(&node.BranchNode, false)
	case *parse.WithNode:
		return s.compileBranch(&node.BranchNode, true)
	case *parse.RangeNode:
		return s.compileRange(&node.BranchNode)
	}
	fallBack()
	return nil
}

// compileAction compiles an action that prints a value.
func (s *scope) compileAction(node *parse.ActionNode) step {
	if len(node.Pipe.Decl) > 0 {
		fallBack()
	}
	var escaping escaperChain
	for n, command := range node.Pipe.Cmds {
		switch name, ok := command.Args[0].(*parse.IdentifierNode); {
		case len(command.Args) > 1:
			fallBack()
		case n > 0 && ok:
			escaping += escaperChain(name.Ident) + "|"
		case n > 0:
			fallBack()
		}
	}
	value := s.compileValue(node.Pipe.Cmds[0].Args[0])
	return s.consumeValue(value, fallBackStep, func(typ reflect.Type) consumer {
		show := s.writerFor(typ, escaping)
		return func(r *run, _, v reflect.Value) { show(r, v) }
	})
}

// compileTemplate compiles a call of another template.
func (s *scope) compileTemplate(node *parse.TemplateNode) step {
	if node.Pipe == nil || s.original.Lookup(node.Name) == nil { // derived by html/template
		fallBack()
	}
	return s.consumeValue(s.compilePipe(node.Pipe), fallBackStep, func(typ reflect.Type) consumer {
		k := programKey{node.Name, typ}
		p := s.programFor(k)
		return func(r *run, _, v reflect.Value) { s.runProgram(r, p, k, v) }
	})
}

// compileBranch compiles an if, or a with, which makes the value dot.
func (s *scope) compileBranch(node *parse.BranchNode, with bool) step {
	value := s.compilePipe(node.Pipe)
	otherwise := s.compileList(node.ElseList)
	slot := len(s.vars)
	return s.consumeValue(value, otherwise, func(typ reflect.Type) consumer {
		dot := s.dot
		if with {
			dot = typ
		}
		var declared []variable
		if len(node.Pipe.Decl) == 1 {
			declared = []variable{{node.Pipe.Decl[0].Ident[0], typ}}
			// The else branch could use the variable, too.
			if node.ElseList != nil {
				fallBack()
			}
		}
		then := s.withDot(dot, declared...).compileList(node.List)
		truth := truthFunc(typ)
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

// compileRange compiles a range over a slice.
func (s *scope) compileRange(node *parse.BranchNode) step {
	otherwise := s.compileList(node.ElseList)
	slot := len(s.vars)
	return s.consumeValue(s.compilePipe(node.Pipe), fallBackStep, func(typ reflect.Type) consumer {
		if typ.Kind() != reflect.Slice || typ.Elem().Kind() == reflect.Interface {
			fallBack()
		}
		var declared []variable
		for n, v := range node.Pipe.Decl {
			t := typ.Elem()
			if n == 0 && len(node.Pipe.Decl) == 2 {
				t = reflect.TypeFor[int]()
			}
			declared = append(declared, variable{v.Ident[0], t})
		}
		each := s.withDot(typ.Elem(), declared...).compileList(node.List)
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

// set sets a variable of the current template.
func (r *run) set(slot int, v reflect.Value) {
	for len(r.vars) <= r.base+slot {
		r.vars = append(r.vars, reflect.Value{})
	}
	r.vars[r.base+slot] = v
}
