package people

import (
	"beckon/dashboards/ui"
	"beckon/web/text"

	"github.com/a-h/templ"
)

// UsersView is everybody who can sign in.
type UsersView struct {
	Users []User
	New   UserForm
	Roles []ui.Choice
	Sites []ui.Choice // that a user can be limited to
	Given *Given      // a password that was just made
}

// User is one line of the list.
type User struct {
	Name, Href string
	Role       string
	Sites      string // names of those it may see; "" all
	Second     bool   // signing in takes a code
	Seen       int64  // Unix ms, 0 not yet
	Created    int64
}

// UserForm is what was entered. Errors are by field.
type UserForm struct {
	Name, Role string
	Sites      map[string]bool
	Errors     map[string]string
}

// Given is a secret that is shown this once.
type Given struct{ For, Secret string }

// UserView is one person.
type UserView struct {
	User
	Form     UserForm
	Roles    []ui.Choice
	AllSites []ui.Choice
	Sessions []Session
	Recovery int  // codes that are left
	Self     bool // the one who looks: password and codes are a matter of the own account's page
	Last     bool // the last administrator: stays one
	Given    *Given
	History  string // address of the changes of this user
	Path     string // of the page; its forms post below it
}

// Session is a browser in which somebody is signed in.
type Session struct {
	ID             string // names it in forms
	Agent          string
	Begun, Expires int64 // Unix ms
	This           bool  // the one that asks
}

// moment is a time, or that there was none.
func moment(p *text.Printer, ms int64) templ.Component {
	if ms == 0 {
		return ui.MutedCell(p.T("people.never"))
	}
	return ui.When(p, ms)
}

func userRows(p *text.Printer, v UsersView) []ui.Row {
	rows := make([]ui.Row, 0, len(v.Users))
	for _, u := range v.Users {
		rows = append(rows, ui.Row{Href: u.Href, Cells: []templ.Component{
			ui.Cell(u.Name), ui.Cell(p.T("ui.role." + u.Role)), ui.Cell(orAll(p, u.Sites)), secondBadge(p, u.Second), moment(p, u.Seen), moment(p, u.Created),
		}})
	}
	return rows
}

func secondBadge(p *text.Printer, on bool) templ.Component {
	if on {
		return ui.Badge(p.T("people.second.on"), "good")
	}
	return ui.Badge(p.T("people.second.off"), "quiet")
}

// RoleChoices are the roles with what each may do.
func RoleChoices(p *text.Printer, selected string) []ui.Choice {
	var out []ui.Choice
	for _, r := range []string{"viewer", "merchandiser", "admin"} {
		out = append(out, ui.Choice{Value: r, Label: p.T("ui.role." + r), Selected: r == selected})
	}
	return out
}

func checked(on bool) string {
	if on {
		return "on"
	}
	return ""
}

func orAll(p *text.Printer, sites string) string {
	if sites == "" {
		return p.T("people.all_sites")
	}
	return sites
}
