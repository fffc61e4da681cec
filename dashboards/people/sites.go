package people

import (
	"strings"

	"beckon/dashboards/ui"
	"beckon/web/text"

	"github.com/a-h/templ"
)

// SitesView is every shop of the installation.
type SitesView struct {
	Sites []Site
	New   SiteForm
}

// Site is one line of the list.
type Site struct {
	ID, Name, Href   string
	Currency         string
	Public, Secret   int // live keys
	Items            int64
	Created, Retired int64 // Unix ms
}

// SiteForm is a shop's settings as they are entered. Errors are by field.
type SiteForm struct {
	ID, Name, Currency       string
	LowStock                 string // pieces
	Gap, Lateness            string // minutes
	Longest                  string // hours
	Origins                  string // one on each line
	Analytics, Personal      bool
	Headless, Unlisted, Past bool // Past: its clock is that of its events
	Errors                   map[string]string
}

// SiteView is one shop with its keys.
type SiteView struct {
	Form    SiteForm
	Keys    []Key
	NewKey  KeyForm
	Given   *Given // a key that was just made
	Public  bool   // and is a public one
	Script  string // what the shop's pages include, "" without a public key
	Retired int64
	History string // address of the changes of this shop's settings
	Path    string // of the page; its forms post below it
}

// Key is an access key as it is listed.
type Key struct {
	ID, Note, Text            string
	Secret                    bool
	Origins                   []string
	Created, Expires, Revoked int64
	Live                      bool
}

// KeyForm is a key to be made.
type KeyForm struct {
	Kind, Note, Origins string
	Errors              map[string]string
}

func siteRows(p ui.Page, v SitesView) []ui.Row {
	rows := make([]ui.Row, 0, len(v.Sites))
	for _, s := range v.Sites {
		state := ui.Badge(p.Text.T("people.site.live"), "good")
		if s.Retired != 0 {
			state = ui.Badge(p.Text.T("people.site.retired"), "quiet")
		}
		rows = append(rows, ui.Row{Href: s.Href, Cells: []templ.Component{
			ui.Cell(s.Name), ui.CodeCell(s.ID), state, ui.Cell(s.Currency), ui.NumCell(p.Text.Int(s.Items)),
			ui.NumCell(p.Text.Int(int64(s.Public))), ui.NumCell(p.Text.Int(int64(s.Secret))), moment(p.Text, s.Created),
		}})
	}
	return rows
}

func keyRows(p ui.Page, v SiteView) []ui.Row {
	rows := make([]ui.Row, 0, len(v.Keys))
	for _, k := range v.Keys {
		kind, shown := p.Text.T("people.key.public"), ui.CodeCell(k.Text)
		if k.Secret {
			kind, shown = p.Text.T("people.key.secret"), ui.MutedCell(p.Text.T("people.key.hidden"))
		}
		tone := ""
		if !k.Live {
			tone = "quiet"
		}
		rows = append(rows, ui.Row{Tone: tone, Cells: []templ.Component{
			ui.Cell(keyName(k)), ui.Cell(kind), shown, origins(p.Text, k), keyState(p.Text, k), ui.When(p.Text, k.Created), keyActs(p, v, k),
		}})
	}
	return rows
}

func keyName(k Key) string {
	if k.Note != "" {
		return k.Note
	}
	return k.ID
}

func origins(p *text.Printer, k Key) templ.Component {
	switch {
	case k.Secret:
		return ui.MutedCell(p.T("people.key.server"))
	case len(k.Origins) == 0:
		return ui.MutedCell(p.T("people.key.nowhere"))
	}
	return ui.Cell(strings.Join(k.Origins, ", "))
}

// graces are how long a key that was rotated out may still be used, in hours.
func graces(p *text.Printer) []ui.Choice {
	return []ui.Choice{
		{Value: "24", Label: p.T("people.grace.day"), Selected: true},
		{Value: "168", Label: p.T("people.grace.week")},
		{Value: "720", Label: p.T("people.grace.month")},
		{Value: "0", Label: p.T("people.grace.none")},
	}
}
