package demo

import (
	"embed"
	"strings"
)

// Shapes are drawings on 400 × 400 with $-letters for a series' colours; a line "%body PATH" is the part that takes its colour and
// pattern.
//
//go:embed shapes
var shapes embed.FS

// patterns are laid over the body: a pattern's size and what is in it.
var patterns = map[string]struct{ size, draw string }{
	"plain":   {"400", ``},
	"band":    {"400", `<path d="M0 248h400v26H0z" fill="$a" fill-opacity=".85"/><path d="M0 284h400v7H0z" fill="#fff" fill-opacity=".5"/>`},
	"ribs":    {"16", `<path d="M0 0h5v16H0z" fill="$d" fill-opacity=".16"/><path d="M8 0h3v16H8z" fill="#fff" fill-opacity=".14"/>`},
	"speckle": {"46", `<g fill="$d" fill-opacity=".35"><circle cx="8" cy="9" r="2.2"/><circle cx="31" cy="5" r="1.4"/><circle cx="22" cy="25" r="2.6"/><circle cx="40" cy="33" r="1.7"/><circle cx="10" cy="38" r="1.5"/></g>`},
	"stripe":  {"44", `<path d="M0 0h44v9H0z" fill="$l"/><path d="M0 22h44v5H0z" fill="$a" fill-opacity=".7"/>`},
	"dots":    {"36", `<g fill="$l" fill-opacity=".85"><circle cx="9" cy="9" r="5"/><circle cx="27" cy="27" r="5"/></g>`},
}

// picture draws an item as SVG: its kind's shape in its series' colours.
func (it *Item) picture() []byte {
	shape, err := shapes.ReadFile("shapes/" + it.Kind + ".svg")
	if err != nil {
		panic(err) // embedded: there is a drawing for every kind, and a test says so
	}
	var s *series
	for i := range lines {
		if lines[i].id == it.Series {
			s = &lines[i]
		}
	}
	p := patterns[s.pattern]
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400"><defs>` +
		`<linearGradient id="g"><stop stop-color="$l"/><stop offset=".3" stop-color="$b"/><stop offset=".75" stop-color="$b"/><stop offset="1" stop-color="$s"/></linearGradient>` +
		`<radialGradient id="k" cx=".5" cy=".42" r=".75"><stop stop-color="#fff"/><stop offset="1" stop-color="$k"/></radialGradient>` +
		`<pattern id="p" width="` + p.size + `" height="` + p.size + `" patternUnits="userSpaceOnUse">` + p.draw + `</pattern></defs>` +
		`<rect width="400" height="400" fill="url(#k)"/><ellipse cx="200" cy="338" rx="134" ry="14" fill="$d" fill-opacity=".16"/>`)
	for line := range strings.Lines(string(shape)) {
		path, ok := strings.CutPrefix(line, "%body ")
		if !ok {
			b.WriteString(line)
			continue
		}
		path = strings.TrimSpace(path)
		b.WriteString(`<path d="` + path + `" fill="url(#g)"/>`)
		if p.draw != "" {
			b.WriteString(`<path d="` + path + `" fill="url(#p)"/>`)
		}
	}
	b.WriteString("</svg>")
	return []byte(strings.NewReplacer("$b", s.base, "$s", s.shade, "$l", s.light, "$a", s.accent, "$d", s.dark, "$k", s.back,
		"$w", "#b98b5e", "$m", "#c3c9d1").Replace(b.String()))
}
