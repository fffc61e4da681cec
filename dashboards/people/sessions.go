package people

import (
	"beckon/dashboards/ui"

	"github.com/a-h/templ"
)

func sessionRows(p ui.Page, list []Session, action string) []ui.Row {
	rows := make([]ui.Row, 0, len(list))
	for _, s := range list {
		agent := s.Agent
		if agent == "" {
			agent = p.Text.T("people.browser.unknown")
		}
		rows = append(rows, ui.Row{Cells: []templ.Component{
			ui.Cell(agent), ui.When(p.Text, s.Begun), ui.When(p.Text, s.Expires), sessionEnd(p, s, action),
		}})
	}
	return rows
}
