package webtest

import (
	"encoding/json"
	"path"
	"strconv"
	"strings"

	"netsync/schema"
)

// containmentScript returns markup that naughty strings have added to the
// page, and the given texts that the page does not show.
const containmentScript = `(texts => {
  const blanks = /[ \t\n\f\r]+/g, collapse = s => s.replace(blanks, " ").replace(/^ | $/g, "")
  const shown = new Set([...document.querySelectorAll("body *")].map(e => collapse(e.textContent)))
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) shown.add(collapse(walker.currentNode.data))
  const wrong = []
  if (window.xss !== undefined) wrong.push(["ran", "window.xss is " + window.xss])
  for (const e of document.querySelectorAll("*")) {
    for (const a of e.attributes) {
      if (/^on/i.test(a.name)) wrong.push(["handler", e.outerHTML.slice(0, 200)])
      if (/^[\s\u0000-\u001f]*(javascript|vbscript|data):/i.test(a.value) && ["href", "src", "action", "formaction", "xlink:href"].includes(a.name) &&
        !(e.localName === "img" || e.localName === "link")) wrong.push(["address", e.outerHTML.slice(0, 200)])
    }
    if (["iframe", "object", "embed", "base", "math", "template", "style", "marquee", "video", "audio"].includes(e.localName) ||
      e.localName === "script" && e.type !== "application/ld+json" && !(e.src && new URL(e.src).origin === location.origin))
      wrong.push(["element", e.outerHTML.slice(0, 200)])
  }
  for (const text of texts) if (!shown.has(collapse(text))) wrong.push(["text", text])
  return wrong
})`

// Contained opens a page and checks that no naughty string has become markup,
// and that each of the given texts is the whole text of an element.
func (tab *Tab) Contained(p *Page, shown []string) []Finding {
	tab.t.Helper()
	tab.Open(p.Path() + "?stay")
	texts, err := json.Marshal(append([]string{}, shown...))
	if err != nil {
		tab.t.Fatal(err)
	}
	var findings []Finding
	for _, wrong := range Evaluate[[][2]string](tab, containmentScript+"("+string(texts)+")") {
		findings = append(findings, Finding{p.Name, "naughty", wrong[0], wrong[1], "is out of its place, or not there as it is"})
	}
	for _, complaint := range tab.Complaints() {
		findings = append(findings, Finding{p.Name, "naughty", "browser", "", complaint})
	}
	return findings
}

// OnPage returns the texts that a record's page must show unchanged.
func (n Naughty) OnPage(p *Page) []string {
	if !p.Kind.isRecord() {
		return nil
	}
	folder := strings.TrimSuffix(p.Path(), "/")
	_, number, _ := strings.Cut(path.Base(folder), "-")
	i, err := strconv.Atoi(number)
	if err != nil {
		return nil
	}
	return n.expectedTexts(schema.Collection(path.Base(path.Dir(folder))), i, p.Language)
}

// OnOverview returns the texts of the i-th manifest that the overview must
// show unchanged: its title and introductions.
func (n Naughty) OnOverview(i int, language string) []string {
	var all []string
	for _, offset := range []int{0, 5, 7} {
		all = append(all, n.textAt(i + offset)[language].(string))
	}
	return all
}
