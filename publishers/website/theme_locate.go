package website

import (
	"cmp"
	"fmt"
	"html/template"
	"regexp"
	"strconv"
	"strings"
	"text/template/parse"
)

// locateError returns a template's error as a ThemeError with its place in the
// theme. It returns any other error unchanged.
func (r *renderer) locateError(err error) error {
	mistake, ok := parseTemplateError(err)
	if !ok || len(r.theme.sources) == 0 {
		return err
	}
	if _, themes := r.theme.sources[strings.TrimPrefix(mistake.File, "templates/")]; !themes {
		// The theme passes one of the site's own templates a value that it
		// cannot render.
		mistake.Err = fmt.Errorf("the site's own %s fails with it: %w", mistake.Place(), mistake.Err)
		mistake.File, mistake.Line, mistake.Column = "templates", 0, 0
	}
	return mistake
}

// A sourcePosition is a line and a column of a template, counted from 1.
type sourcePosition struct{ line, column int }

func (p sourcePosition) compare(other sourcePosition) int {
	return cmp.Or(cmp.Compare(p.line, other.line), cmp.Compare(p.column, other.column))
}

// removeAction removes the action at a mistake's place from the templates, so
// that the rest can be checked. It reports whether it found an action.
func removeAction(templates *template.Template, mistake *ThemeError) bool {
	last := sourcePosition{mistake.Line, mistake.Column}
	if last.column == 0 {
		last.column = 1 << 30
	}
	var found *parse.Node
	var at sourcePosition
	for _, t := range templates.Templates() {
		if t.Tree == nil || t.Tree.Root == nil || "templates/"+t.Tree.ParseName != mistake.File {
			continue
		}
		visitActions(t.Tree.Root, func(n *parse.Node) {
			place := actionPosition(t.Tree, *n)
			if place.compare(last) <= 0 && place.compare(at) >= 0 {
				found, at = n, place
			}
		})
	}
	if found == nil {
		return false
	}
	*found = &parse.TextNode{NodeType: parse.NodeText}
	return true
}

// visitActions calls visit for each action of a template.
func visitActions(list *parse.ListNode, visit func(*parse.Node)) {
	if list == nil {
		return
	}
	for n := range list.Nodes {
		var branch *parse.BranchNode
		switch node := list.Nodes[n].(type) {
		case *parse.ActionNode, *parse.TemplateNode:
			visit(&list.Nodes[n])
			continue
		case *parse.IfNode:
			branch = &node.BranchNode
		case *parse.RangeNode:
			branch = &node.BranchNode
		case *parse.WithNode:
			branch = &node.BranchNode
		default:
			continue
		}
		visit(&list.Nodes[n])
		visitActions(branch.List, visit)
		visitActions(branch.ElseList, visit)
	}
}

var locationPattern = regexp.MustCompile(`:(\d+):(\d+)$`)

func actionPosition(t *parse.Tree, n parse.Node) sourcePosition {
	where, _ := t.ErrorContext(n)
	found := locationPattern.FindStringSubmatch(where)
	if found == nil {
		return sourcePosition{}
	}
	line, _ := strconv.Atoi(found[1]) // they are digits
	column, _ := strconv.Atoi(found[2])
	return sourcePosition{line, column + 1}
}
