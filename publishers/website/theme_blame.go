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

// blame finds the place in the theme that made a file fail to render. Another
// error is returned as it is.
func (p *press) blame(err error) error {
	mistake, ok := templateError(err)
	if !ok || len(p.theme.sources) == 0 {
		return err
	}
	if _, themes := p.theme.sources[strings.TrimPrefix(mistake.File, "templates/")]; !themes {
		// It gives one of the site's own templates something that this one
		// cannot show.
		mistake.Err = fmt.Errorf("the site's own %s fails with it: %w", mistake.Place(), mistake.Err)
		mistake.File, mistake.Line, mistake.Column = "templates", 0, 0
	}
	return mistake
}

// A spot is a line and a column of a template, counted from 1.
type spot struct{ line, column int }

func (s spot) compare(other spot) int {
	return cmp.Or(cmp.Compare(s.line, other.line), cmp.Compare(s.column, other.column))
}

// excise takes the action at a mistake's place out of the templates, so that what
// stands behind it can be tried. It reports whether there was one.
func excise(templates *template.Template, mistake *ThemeError) bool {
	last := spot{mistake.Line, mistake.Column}
	if last.column == 0 {
		last.column = 1 << 30
	}
	var found *parse.Node
	var at spot
	for _, t := range templates.Templates() {
		if t.Tree == nil || t.Tree.Root == nil || "templates/"+t.Tree.ParseName != mistake.File {
			continue
		}
		actions(t.Tree.Root, func(n *parse.Node) {
			place := spotOf(t.Tree, *n)
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

// actions visits what stands in braces.
func actions(list *parse.ListNode, visit func(*parse.Node)) {
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
		actions(branch.List, visit)
		actions(branch.ElseList, visit)
	}
}

var location = regexp.MustCompile(`:(\d+):(\d+)$`)

func spotOf(t *parse.Tree, n parse.Node) spot {
	where, _ := t.ErrorContext(n)
	found := location.FindStringSubmatch(where)
	if found == nil {
		return spot{}
	}
	line, _ := strconv.Atoi(found[1]) // they are digits
	column, _ := strconv.Atoi(found[2])
	return spot{line, column + 1}
}
