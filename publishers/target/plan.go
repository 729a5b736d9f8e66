package target

import (
	"path"
	"slices"
)

// A plan lists the changes of a push, with sorted names.
type plan struct {
	write  []string
	remove []string
}

// planOf returns the changes from the files of a target to those that it should have. same
// reports whether a name in both has the same content. The error is a *ForeignError if files
// of others are in the way.
func planOf[T any](want names, there map[string]T, ours names, same func(name string) (bool, error)) (plan, error) {
	var p plan
	var foreign []string
	kept := foldersOf(there, ours)
	for name := range want {
		_, is := there[name]
		if kept[name] || underForeign(name, there, ours) {
			foreign = append(foreign, name)
			continue
		}
		if is {
			equal, err := same(name)
			if err != nil {
				return plan{}, err
			}
			if equal {
				continue
			}
			if !ours[name] {
				foreign = append(foreign, name)
				continue
			}
		}
		p.write = append(p.write, name)
	}
	for name := range ours {
		if _, is := there[name]; is && !want[name] {
			p.remove = append(p.remove, name)
		}
	}
	slices.Sort(p.write)
	slices.Sort(p.remove)
	if len(foreign) > 0 {
		slices.Sort(foreign)
		return plan{}, &ForeignError{Names: foreign}
	}
	return p, nil
}

// foldersOf returns the folders with files of others: no file of ours can have such a
// name.
func foldersOf[T any](there map[string]T, ours names) names {
	folders := make(names)
	for name := range there {
		if ours[name] {
			continue
		}
		for dir := path.Dir(name); dir != "." && !folders[dir]; dir = path.Dir(dir) {
			folders[dir] = true
		}
	}
	return folders
}

// underForeign reports whether a name is below a file of others.
func underForeign[T any](name string, there map[string]T, ours names) bool {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if _, is := there[dir]; is && !ours[dir] {
			return true
		}
	}
	return false
}
