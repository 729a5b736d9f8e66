package compiled

import (
	"reflect"
	"sync"
	"text/template/parse"
)

// A value is a compiled expression. Its typ is nil if the type depends on the
// content of an interface.
type value struct {
	typ reflect.Type
	get func(r *run, dot reflect.Value) reflect.Value
}

// A consumer uses a value of the type that it was made for.
type consumer func(r *run, dot, v reflect.Value)

// consumeValue returns a step that passes a value to a consumer. If the type
// of the value is only known at execution, it makes and caches a consumer for
// each type; if there is no value, it runs the step none.
func (s *scope) consumeValue(v value, none step, make func(reflect.Type) consumer) step {
	if v.typ != nil {
		consume := make(v.typ)
		return func(r *run, dot reflect.Value) { consume(r, dot, v.get(r, dot)) }
	}
	var known sync.Map // of consumers, by type
	return func(r *run, dot reflect.Value) {
		content := v.get(r, dot)
		if !content.IsValid() {
			none(r, dot)
			return
		}
		consume, ok := known.Load(content.Type())
		if !ok {
			consume, _ = known.LoadOrStore(content.Type(), make(content.Type()))
		}
		consume.(consumer)(r, dot, content)
	}
}

// compilePipe compiles a pipeline of one expression.
func (s *scope) compilePipe(pipe *parse.PipeNode) value {
	if len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 || pipe.IsAssign {
		fallBack()
	}
	return s.compileValue(pipe.Cmds[0].Args[0])
}

func (s *scope) compileValue(node parse.Node) value {
	here := value{s.dot, func(_ *run, dot reflect.Value) reflect.Value { return dot }}
	switch node := node.(type) {
	case *parse.DotNode:
		return here
	case *parse.FieldNode:
		return followFields(here, node.Ident)
	case *parse.VariableNode:
		for n := len(s.vars) - 1; n >= 0; n-- {
			if s.vars[n].name == node.Ident[0] {
				get := func(r *run, _ reflect.Value) reflect.Value { return r.vars[r.base+n] }
				return followFields(value{s.vars[n].typ, get}, node.Ident[1:])
			}
		}
	}
	fallBack()
	return value{}
}

// followFields returns the value of a chain of fields and methods.
func followFields(v value, names []string) value {
	for n, name := range names {
		if v.typ == nil {
			return followDynamicFields(v, names[n:])
		}
		typ, get := lookUpField(v.typ, name)
		from := v.get
		v = value{typ, func(r *run, dot reflect.Value) reflect.Value { return get(from(r, dot)) }}
		if typ.Kind() == reflect.Interface {
			v = elemOf(v)
		}
	}
	return v
}

// elemOf returns the content of an interface.
func elemOf(v value) value {
	return value{nil, func(r *run, dot reflect.Value) reflect.Value { return v.get(r, dot).Elem() }}
}

// followDynamicFields is followFields for the content of an interface.
func followDynamicFields(v value, names []string) value {
	var known sync.Map // of values, by type
	return value{nil, func(r *run, dot reflect.Value) reflect.Value {
		from := v.get(r, dot)
		if !from.IsValid() {
			fallBack()
		}
		found, ok := known.Load(from.Type())
		if !ok {
			start := value{from.Type(), func(_ *run, from reflect.Value) reflect.Value { return from }}
			found, _ = known.LoadOrStore(from.Type(), followFields(start, names))
		}
		return found.(value).get(r, from)
	}}
}

// lookUpField finds a method or field as text/template does: methods first.
// Methods of a pointer need a pointer.
func lookUpField(typ reflect.Type, name string) (reflect.Type, func(reflect.Value) reflect.Value) {
	if typ.Kind() == reflect.Interface {
		fallBack()
	}
	if m, ok := typ.MethodByName(name); ok {
		if m.Type.NumIn() != 1 || m.Type.NumOut() != 1 || m.Type.Out(0).Kind() == reflect.Interface {
			fallBack()
		}
		return m.Type.Out(0), func(v reflect.Value) reflect.Value { return v.Method(m.Index).Call(nil)[0] }
	}
	if typ.Kind() != reflect.Pointer {
		if _, ok := reflect.PointerTo(typ).MethodByName(name); ok {
			fallBack()
		}
	}
	get := func(v reflect.Value) reflect.Value { return v }
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
		get = func(v reflect.Value) reflect.Value {
			if v.IsNil() {
				fallBack()
			}
			return v.Elem()
		}
	}
	if typ.Kind() != reflect.Struct {
		fallBack()
	}
	f, ok := typ.FieldByName(name)
	if !ok || !f.IsExported() {
		fallBack()
	}
	if len(f.Index) == 1 {
		index := f.Index[0]
		return f.Type, func(v reflect.Value) reflect.Value { return get(v).Field(index) }
	}
	return f.Type, func(v reflect.Value) reflect.Value {
		got, err := get(v).FieldByIndexErr(f.Index)
		if err != nil {
			fallBack()
		}
		return got
	}
}

// truthFunc returns template.IsTrue for a type.
func truthFunc(typ reflect.Type) func(reflect.Value) bool {
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
	fallBack()
	return nil
}
