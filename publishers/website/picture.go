package website

import (
	"fmt"

	"netsync/schema/story"
)

// Measures of the picture, in SVG units: about a pixel on a wide screen.
const (
	pictureWidth   = 960
	rowHeight      = 34
	headingHeight  = 48
	organizationsX = 290 // right end of the names
	networksX      = 480 // middle of the boxes
	regionsX       = 690 // left end of the names
	boxWidth       = 220
	boxHeight      = 26
	maxLabel       = 30 // in characters
)

// pictureView is a drawing in SVG.
type pictureView struct {
	Width, Height int
	Headings      []heading
	Lines         []line
	Nodes         []nodeView
}

// A heading is above a column.
type heading struct {
	Text   text
	X      int
	Anchor string
}

// A line connects two nodes.
type line struct {
	Path     string // of SVG
	From, To string
}

// nodeView is a node with its name.
type nodeView struct {
	Key    string
	Kind   string // organization, network or region
	Label  string
	Full   text // the whole name
	URL    string
	X, Y   int
	Anchor string
	Box    *box
	DotX   int
}

type box struct{ X, Y, Width, Height int }

func drawPicture(organizations, networks, regions column) *pictureView {
	rows := max(len(organizations), len(networks), len(regions))
	picture := &pictureView{Width: pictureWidth, Height: headingHeight + rows*rowHeight + rowHeight/2}
	for _, c := range []column{organizations, networks, regions} {
		c.placeNodes(rows)
	}
	for _, o := range organizations {
		for _, n := range o.networks {
			picture.addLine(o, organizationsX+14, networks[n], networksX-boxWidth/2)
		}
		picture.addNode(o, nodeView{Kind: "organization", X: organizationsX, Anchor: "end", DotX: organizationsX + 12})
	}
	for _, r := range regions {
		for _, n := range r.networks {
			picture.addLine(networks[n], networksX+boxWidth/2, r, regionsX-14)
		}
		picture.addNode(r, nodeView{Kind: "region", X: regionsX, Anchor: "start", DotX: regionsX - 12})
	}
	for _, n := range networks {
		picture.addNode(n, nodeView{Kind: "network", X: networksX, Anchor: "middle",
			Box: &box{networksX - boxWidth/2, n.y - boxHeight/2, boxWidth, boxHeight}})
	}
	return picture
}

// placeNodes spaces a column's nodes evenly over all rows.
func (c column) placeNodes(rows int) {
	for n := range c {
		c[n].y = headingHeight + (2*n+1)*rows*rowHeight/(2*len(c))
	}
}

func (p *pictureView) addLine(from node, x1 int, to node, x2 int) {
	middle := (x1 + x2) / 2
	p.Lines = append(p.Lines, line{
		Path: fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, from.y, middle, from.y, middle, to.y, x2, to.y),
		From: from.key, To: to.key,
	})
}

func (p *pictureView) addNode(n node, view nodeView) {
	view.Key, view.URL, view.Y = n.key, n.link.URL, n.y
	view.Label = story.Shorten(n.link.Text.Body, maxLabel)
	if view.Full = n.link.Note; view.Full.Body == view.Label || n.link.Note.Body == "" {
		view.Full = text{}
	}
	p.Nodes = append(p.Nodes, view)
}
