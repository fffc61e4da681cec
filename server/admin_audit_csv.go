package main

import (
	"iter"
	"strconv"
	"time"

	"beckon/dashboards/audit"
	"beckon/server/shop"
)

// maxAuditRows bounds a file of changes.
const maxAuditRows = 20_000

// auditCSV is the filtered changes as a file, the newest first.
func (a *adminRequest) auditCSV() error {
	t := a.text
	f, q := a.auditQuery()
	if f.Error != "" {
		return fail(422, "bad_date", "%s", f.Error)
	}
	q.Before = 0
	var failed error
	rows := a.auditRows(q, &failed)
	err := a.csv("changes-"+a.site.ID, []string{
		t.T("audit.csv.time"), t.T("audit.who"), t.T("audit.what"), t.T("audit.kind"), t.T("audit.id"), t.T("audit.csv.action"), t.T("audit.csv.lines"),
		t.T("audit.csv.state"), t.T("audit.before"), t.T("audit.after"), t.T("audit.csv.place"),
	}, rows)
	if failed != nil {
		return failed
	}
	return err
}

func (a *adminRequest) auditRows(q shop.AuditQuery, failed *error) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		q.Limit = 500
		for n := 0; n < maxAuditRows; {
			page, err := a.n.shop.AuditPage(a.site.ID, q)
			if err != nil {
				*failed = err
				return
			}
			for i := range page.Entries {
				if n++; !yield(a.auditRow(&page.Entries[i])) {
					return
				}
			}
			if page.Next == 0 {
				return
			}
			q.Before = page.Next
		}
	}
}

func (a *adminRequest) auditRow(e *shop.AuditEntry) []string {
	v := a.n.auditView(e)
	state := a.text.T("audit.csv.done")
	switch {
	case e.Refused != "":
		state = a.text.T("audit.refused.why", "why", e.Refused)
	case e.Unknown:
		state = a.text.T("audit.csv.unknown")
	case e.UndoneBy != 0:
		state = a.text.T("audit.undone")
	}
	return []string{
		time.UnixMilli(e.Time).UTC().Format("2006-01-02 15:04:05"), audit.Who(a.text, e.Actor), audit.What(a.text, &v), audit.KindName(a.text, e.Kind),
		e.ID, e.Do, strconv.FormatInt(e.Count, 10), state, string(e.Before), string(e.After), strconv.FormatUint(e.Offset, 10),
	}
}
