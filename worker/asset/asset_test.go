package asset_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"

	"netsync/worker/asset"
)

const svgStart = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">`

func pngOf(t *testing.T, width, height int) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func jpegOf(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4)), nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestImagesThatAreWhatTheySayPass(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"a.png":  pngOf(t, 4, 4),
		"a.jpg":  jpegOf(t),
		"a.webp": webpOf(t, losslessWebP),
		"a.svg": `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
` + svgStart + `<style>.a{fill:url(#g)}</style><defs><linearGradient id="g"><stop offset="0"/></linearGradient></defs></svg>`,
		"b.svg": svgStart + `<use xlink:href="#a"/><rect fill="url('#g')" style="stroke:#000"/><image href="data:image/png;base64,AAAA"/>
<metadata><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></metadata></svg>`,
	} {
		if _, problems := asset.Read("assets/"+name, []byte(data)); len(problems) != 0 {
			t.Errorf("%s: %v", name, problems)
		}
	}
}

func TestOtherBytesAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		file, data string
		kind       asset.Kind
	}{
		"text as png":        {"a.png", "hello", asset.WrongType},
		"jpg as png":         {"a.png", jpegOf(t), asset.WrongType},
		"gif as png":         {"a.png", "GIF89a......", asset.WrongType},
		"truncated png":      {"a.png", pngOf(t, 4, 4)[:12], asset.WrongType},
		"wide png":           {"a.png", pngOf(t, 9000, 1), asset.TooLarge},
		"header-only webp":   {"a.webp", "RIFF\x1a\x00\x00\x00WEBPVP8L", asset.WrongType},
		"large webp":         {"a.webp", "RIFF\x1a\x00\x00\x00WEBP" + strings.Repeat("x", asset.MaxSize), asset.TooLarge},
		"html as svg":        {"a.svg", "<html></html>", asset.WrongType},
		"svg without a name": {"a.svg", "<svg></svg>", asset.WrongType},
		"empty svg":          {"a.svg", "", asset.WrongType},
		"broken svg":         {"a.svg", svgStart + "<g></svg>", asset.WrongType},
		"UTF-16 svg":         {"a.svg", "\xff\xfe<\x00s\x00", asset.WrongType},
	} {
		_, problems := asset.Read("assets/"+test.file, []byte(test.data))
		if len(problems) == 0 || problems[0].Kind != test.kind {
			t.Errorf("%s: %v, want %s", name, problems, test.kind)
		}
	}
}

func TestAnSVGCanDoNothingButBeLookedAt(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		`<script>alert(1)</script>`,
		`<x:script xmlns:x="http://www.w3.org/2000/svg">alert(1)</x:script>`,
		`<foreignObject/>`,
		`<h:script xmlns:h="http://www.w3.org/1999/xhtml"/>`,
		`<h:iframe xmlns:h="http://www.w3.org/1999/xhtml"/>`,
		`<g onload="alert(1)"/>`,
		`<g ONLOAD="alert(1)"/>`,
		`<a href="https://example.org/"/>`,
		`<a href="&#106;avascript:alert(1)"/>`,
		`<a xlink:href=" javascript:alert(1)"/>`,
		`<image href="//example.org/a.png"/>`,
		`<image href="data:image/svg+xml;base64,AAAA"/>`,
		`<use href="other.svg#a"/>`,
		`<animate attributeName="href" values="javascript:alert(1)"/>`,
		`<set attributeName="onclick" to="alert(1)"/>`,
		`<style>@import "https://example.org/a.css";</style>`,
		`<style>rect{fill:url(https://example.org/#a)}</style>`,
		`<style>rect{fill:u\72l(https://example.org/)}</style>`,
		`<style><![CDATA[ @import 'a.css' ]]></style>`,
		`<rect style="fill:url( 'https://example.org/' )"/>`,
		`<rect fill="url(https://example.org/#a)"/>`,
		`<rect style="background:image-set('https://example.org/a' 1x)"/>`,
		`<g xml:base="https://example.org/"/>`,
		`<?xml-stylesheet href="https://example.org/a.css"?>`,
		strings.Repeat("<g>", 300) + strings.Repeat("</g>", 300),
	} {
		_, problems := asset.Read("assets/a.svg", []byte(svgStart+"\n  "+content+"</svg>"))
		if len(problems) == 0 || problems[0].Kind != asset.Unsafe || problems[0].Line != 2 || problems[0].Column < 3 {
			t.Errorf("%s: %v", content, problems)
		}
	}
	entities := "<!DOCTYPE svg [<!ENTITY a \"x\">]>" + svgStart + "</svg>"
	if _, problems := asset.Read("assets/a.svg", []byte(entities)); len(problems) == 0 {
		t.Error("entities pass")
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("a.svg", []byte(svgStart+"<g/></svg>"))
	f.Add("a.png", []byte("\x89PNG\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, name string, data []byte) {
		_, problems := asset.Read(name, data)
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Message == "" {
				t.Errorf("problem without a place: %+v", p)
			}
		}
	})
}
