package people

import (
	"beckon/dashboards/ui"
	"beckon/web/text"
)

// AccountView is one's own account.
type AccountView struct {
	Sites     string // names of those one may see; "" all
	Second    bool
	Recovery  int // codes that are left
	Sessions  []Session
	Languages []ui.Choice
	Themes    []ui.Choice
	Errors    map[string]string // by field
}

// SecondView is the setting up of the second step, or with Codes its end.
type SecondView struct {
	On     bool
	QR     string   // data: image of the secret, for the app's camera
	Secret string   // the same to type, in groups of four
	Ticket string   // proof of the secret
	Codes  []string // recovery codes that were just made
	Errors map[string]string
}

// may says what a role is for.
func may(p *text.Printer, role string) string {
	switch role {
	case "admin":
		return p.T("people.may.admin")
	case "merchandiser":
		return p.T("people.may.merchandiser")
	}
	return p.T("people.may.viewer")
}
