package ui

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"

	"beckon/web/text"
)

// languages are those the dashboard speaks.
var languages = []Choice{{Value: "en", Label: "English"}, {Value: "de", Label: "Deutsch"}}

// shortcuts are a key and what it does.
var shortcuts = [][2]string{
	{"/", "ui.keys.search"},
	{"?", "ui.keys.help"},
	{"← →", "ui.keys.chart"},
	{"Esc", "ui.keys.close"},
}

// scriptWords are the texts that scripts put into the page, as JSON.
func scriptWords(p *text.Printer) string {
	out, err := json.Marshal(map[string]string{
		"live":     p.T("ui.live.live"),
		"again":    p.T("ui.live.again"),
		"paused":   p.T("ui.live.paused"),
		"pause":    p.T("ui.live.pause"),
		"resume":   p.T("ui.live.resume"),
		"loading":  p.T("ui.loading"),
		"problem":  p.T("ui.problem.title"),
		"trouble":  p.T("ui.problem.text"),
		"retry":    p.T("ui.retry"),
		"copied":   p.T("ui.copied"),
		"unsaved":  p.T("ui.unsaved"),
		"dark":     p.T("ui.theme.dark"),
		"light":    p.T("ui.theme.light"),
		"auto":     p.T("ui.theme.auto"),
		"dismiss":  p.T("ui.dismiss"),
		"nothing":  p.T("ui.chart.gap"),
		"sending":  p.T("ui.sending"),
		"previews": p.T("ui.preview.trouble"),
	})
	if err != nil {
		return "{}" // texts always encode
	}
	return string(out)
}

func title(p Page) string {
	if p.SiteName == "" {
		return p.Title + " · Beckon"
	}
	return p.Title + " · " + p.SiteName + " · Beckon"
}

// current is the value of aria-current; "false" says the same as no attribute.
func current(is bool, as string) string {
	if is {
		return as
	}
	return "false"
}

func joined(all []string) string { return strings.Join(all, " ") }

func flashRole(f *Flash) string {
	if f.Bad {
		return "alert"
	}
	return "status"
}

// tone is the class of a tone; what is not one of them is plain.
func tone(name string) string {
	switch name {
	case "good", "warn", "bad", "info", "quiet", "accent":
		return "tone-" + name
	}
	return ""
}

// hash makes an id of a text.
func hash(s string) string {
	h := fnv.New32a()
	h.Write([]byte(s)) // never fails
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

// part writes a coordinate.
func part(v float64) string { return strconv.FormatFloat(v, 'f', 2, 64) }

func percent(v float64) string { return fmt.Sprintf("%.2f%%", v*100) }
