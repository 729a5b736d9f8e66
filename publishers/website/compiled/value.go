package compiled

import (
	"reflect"
	"sync"
	"text/template/parse"
)

// A value is what an expression stands for: typ is nil where that depends on
// what an interface holds.
type value struct {
	typ reflect.Type
	get func(r *run, dot reflect.Value) reflect.Value
}

// A consumer does something with a value of a type it was made for.
type consumer func(r *run, dot, v reflect.Value)

// typed makes a step of a value and what consumes it. Where the value's type
// is known when the template runs only, consumers are made then, once each;
// without a value, none is done.
func (s *scope) typed(v value, none step, make func(reflect.Type) consumer) step {
	if v.typ != nil {
		consume := make(v.typ)
		return func(r *run, dot reflect.Value) { consume(r, dot, v.get(r, dot)) }
	}
	var known sync.Map // of consumers, by type
	return func(r *run, dot reflect.Value) {
		held := v.get(r, dot)
		if !held.IsValid() {
			none(r, dot)
			return
		}
		consume, ok := known.Load(held.Type())
		if !ok {
			consume, _ = known.LoadOrStore(held.Type(), make(held.Type()))
		}
		consume.(consumer)(r, dot, held)
	}
}

// pipe is a pipeline of one expression.
func (s *scope) pipe(pipe *parse.PipeNode) value {
	if len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 || pipe.IsAssign {
		leave()
	}
	return s.value(pipe.Cmds[0].Args[0])
}

func (s *scope) value(node parse.Node) value {
	here := value{s.dot, func(_ *run, dot reflect.Value) reflect.Value { return dot }}
	switch node := node.(type) {
	case *parse.DotNode:
		return here
	case *parse.FieldNode:
		return fields(here, node.Ident)
	case *parse.VariableNode:
		for n := len(s.vars) - 1; n >= 0; n-- {
			if s.vars[n].name == node.Ident[0] {
				get := func(r *run, _ reflect.Value) reflect.Value { return r.vars[r.base+n] }
				return fields(value{s.vars[n].typ, get}, node.Ident[1:])
			}
		}
	}
	leave()
	return value{}
}

// fields follows a chain of fields and methods.
func fields(v value, names []string) value {
	for n, name := range names {
		if v.typ == nil {
			return heldFields(v, names[n:])
		}
		typ, get := field(v.typ, name)
		from := v.get
		v = value{typ, func(r *run, dot reflect.Value) reflect.Value { return get(from(r, dot)) }}
		if typ.Kind() == reflect.Interface {
			v = held(v)
		}
	}
	return v
}

// held is what an interface holds.
func held(v value) value {
	return value{nil, func(r *run, dot reflect.Value) reflect.Value { return v.get(r, dot).Elem() }}
}

// heldFields follows a chain from what an interface holds.
func heldFields(v value, names []string) value {
	var known sync.Map // of values, by type
	return value{nil, func(r *run, dot reflect.Value) reflect.Value {
		from := v.get(r, dot)
		if !from.IsValid() {
			leave()
		}
		found, ok := known.Load(from.Type())
		if !ok {
			start := value{from.Type(), func(_ *run, from reflect.Value) reflect.Value { return from }}
			found, _ = known.LoadOrStore(from.Type(), fields(start, names))
		}
		return found.(value).get(r, from)
	}}
}

// field is a field or a method, as text/template looks for them: methods come
// first, and those of a pointer count where there is one to be had.
func field(typ reflect.Type, name string) (reflect.Type, func(reflect.Value) reflect.Value) {
	if typ.Kind() == reflect.Interface {
		leave()
	}
	if m, ok := typ.MethodByName(name); ok {
		if m.Type.NumIn() != 1 || m.Type.NumOut() != 1 || m.Type.Out(0).Kind() == reflect.Interface {
			leave()
		}
		return m.Type.Out(0), func(v reflect.Value) reflect.Value { return v.Method(m.Index).Call(nil)[0] }
	}
	if typ.Kind() != reflect.Pointer {
		if _, ok := reflect.PointerTo(typ).MethodByName(name); ok {
			leave()
		}
	}
	get := func(v reflect.Value) reflect.Value { return v }
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
		get = func(v reflect.Value) reflect.Value {
			if v.IsNil() {
				leave()
			}
			return v.Elem()
		}
	}
	if typ.Kind() != reflect.Struct {
		leave()
	}
	f, ok := typ.FieldByName(name)
	if !ok || !f.IsExported() {
		leave()
	}
	if len(f.Index) == 1 {
		index := f.Index[0]
		return f.Type, func(v reflect.Value) reflect.Value { return get(v).Field(index) }
	}
	return f.Type, func(v reflect.Value) reflect.Value {
		got, err := get(v).FieldByIndexErr(f.Index)
		if err != nil {
			leave()
		}
		return got
	}
}

// truthOf is what an if makes of a value of a type; see template.IsTrue.
func truthOf(typ reflect.Type) func(reflect.Value) bool {
	switch typ.Kind() {
	case reflect.String, reflect.Slice, reflect.Map:
		return func(v reflect.Value) bool { return v.Len() > 0 }
	case reflect.Bool:
		return reflect.Value.Bool
	case reflect.Int, reflect.Int64:
		return func(v reflect.Value) bool { return v.Int() != 0 }
	case reflect.Pointer:
		return func(v reflect.Value) bool { return !v.IsNil() }
	case reflect.Struct:
		return func(reflect.Value) bool { return true }
	}
	leave()
	return nil
}
