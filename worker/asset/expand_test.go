package asset_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"netsync/worker/asset"
)

// nested writes levels of ten elements each that refer to the level below.
func nested(levels int, element, refer string) string {
	var b strings.Builder
	b.WriteString(svgStart + `<defs><g id="l0"><rect width="1" height="1"/></g>`)
	for i := 1; i <= levels; i++ {
		fmt.Fprintf(&b, `<%s id="l%d">`, element, i)
		b.WriteString(strings.Repeat(strings.ReplaceAll(refer, "N", fmt.Sprint(i-1)), 10))
		fmt.Fprintf(&b, `</%s>`, element)
	}
	fmt.Fprintf(&b, `</defs>`)
	b.WriteString(strings.ReplaceAll(refer, "N", fmt.Sprint(levels)) + `</svg>`)
	return b.String()
}

func TestAnSVGThatDrawsWithoutEndIsRefused(t *testing.T) {
	t.Parallel()
	sheet := svgStart + `<style>/* } */ @media screen{ .a0{fill:url(#p0)} g .a1 , .x{ fill : URL( '#p1' ) } .a2{fill:url(#p2)} .a3{fill:url(#p3)} }</style>`
	for i := range 5 {
		sheet += fmt.Sprintf(`<pattern id="p%d">%s</pattern>`, i, strings.Repeat(fmt.Sprintf(`<rect class="b a%d"/>`, i+1), 20))
	}
	for name, data := range map[string]string{
		"use":           nested(12, "g", `<use xlink:href="#lN"/>`),
		"use of href":   nested(5, "symbol", `<use href=" #lN "/>`),
		"pattern":       nested(5, "pattern", `<rect fill="url(#lN)"/>`),
		"mask":          nested(5, "mask", `<rect mask="url('#lN')"/>`),
		"clip path":     nested(5, "clipPath", `<rect style="opacity:1;clip-path:url(#lN)"/>`),
		"marker":        nested(5, "marker", `<path marker-end="url(#lN)"/>`),
		"filter":        nested(5, "filter", `<feImage href="#lN"/>`),
		"inherited":     nested(4, "pattern", `<g fill="url(#lN)"><rect/><rect/></g>`),
		"variable":      nested(5, "pattern", `<rect style="--f:url(#lN);fill:var(--f)"/>`),
		"vertices":      svgStart + `<marker id="m">` + strings.Repeat("<rect/>", 20) + `</marker><path marker-mid="url(#m)" d="` + strings.Repeat("M1 2", 1000) + `"/></svg>`,
		"style sheet":   sheet + `<rect class="a0"/></svg>`,
		"cycle":         svgStart + `<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g></svg>`,
		"itself":        svgStart + `<g id="a"><use href="#a"/></g></svg>`,
		"pattern cycle": svgStart + `<pattern id="a"><rect fill="url(#a)"/></pattern></svg>`,
	} {
		began := time.Now()
		_, problems := asset.Read("assets/a.svg", []byte(data))
		if len(problems) != 1 || problems[0].Kind != asset.Unsafe {
			t.Errorf("%s: %v", name, problems)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
}

func TestAnSVGThatDrawsMuchPasses(t *testing.T) {
	t.Parallel()
	gradients := svgStart + `<style>.c{fill:url(#g1)}</style><linearGradient id="g0"><stop/><stop/></linearGradient><linearGradient id="g1" href="#g0"/>`
	for name, data := range map[string]string{
		"many elements":    svgStart + strings.Repeat("<path/>", 20_000) + "</svg>",
		"many gradients":   gradients + `<g fill="url(#g1)">` + strings.Repeat(`<path class="c" stroke="url(#g0)"/>`, 5000) + "</g></svg>",
		"a few levels":     nested(3, "g", `<use href="#lN"/>`),
		"a link to itself": svgStart + `<g id="a"><a href="#a"><rect/></a></g></svg>`,
		"no target":        svgStart + `<use href="#none"/></svg>`,
		"an arrow":         svgStart + `<marker id="m"><path/></marker><path marker-end="url(#m)" d="` + strings.Repeat("M1 2", 3000) + `"/></svg>`,
	} {
		if _, problems := asset.Read("assets/a.svg", []byte(data)); len(problems) != 0 {
			t.Errorf("%s: %v", name, problems)
		}
	}
}
