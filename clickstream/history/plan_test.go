package history

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"beckon/clickstream"
)

// somePlan is a batch record with its sessions.
func somePlan() (plan, []string, []sessionVersion, []byte) {
	p := plan{
		stretchName: stretchName{"epoch1", 1000, 1400}, facts: 380, parts: 2,
		late: []uint64{1000, 1001, 1399}, machine: []uint64{1200}, repeat: nil,
	}
	sites := []string{"shop", "other"}
	steps := []clickstream.Step{clickstream.NewStep("a", clickstream.ViewItem, 5000), clickstream.NewStep("ü", clickstream.Purchase, 9000)}
	list := []sessionVersion{
		{site: 0, version: 1399, visitor: "v1", start: 5000, session: &clickstream.Session{Key: clickstream.SessionKey{Visitor: "v1", Start: 5000}, End: 9000, Events: 7, Steps: steps, Bot: true, Consent: 3}},
		{site: 1, version: 1200, visitor: "v2", start: -7},
		{site: 0, version: 1100, visitor: "v3", start: 1 << 41, session: &clickstream.Session{Key: clickstream.SessionKey{Visitor: "v3", Start: 1 << 41}, End: 1 << 41, Events: 1, Closed: true}},
	}
	return p, sites, list, appendSessions(p.append(nil), sites, list)
}

func readAll(t *testing.T, sessions string) []plannedSession {
	t.Helper()
	var list []plannedSession
	r := openSessions(sessions)
	var s plannedSession
	for r.next(&s) {
		kept := s
		kept.Steps = slices.Clone(s.Steps)
		list = append(list, kept)
	}
	if err := r.err(planBatch); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestPlansComeBack(t *testing.T) {
	p, sites, list, b := somePlan()
	got, sessions, err := decodePlan(string(b))
	if err != nil || got.stretchName != p.stretchName || got.facts != p.facts || got.parts != p.parts || !slices.Equal(got.late, p.late) || !slices.Equal(got.machine, p.machine) || got.repeat != nil {
		t.Fatalf("got %+v, %v, want %+v", got, err, p)
	}
	back := readAll(t, sessions)
	if len(back) != len(list) {
		t.Fatalf("got %d sessions, want %d", len(back), len(list))
	}
	for i, v := range list {
		s := back[i]
		if s.Site != sites[v.site] || s.Visitor != v.visitor || s.Start != v.start || s.Version != v.version || s.Retracted != (v.session == nil) {
			t.Errorf("session %d: got %+v, want %+v", i, s, v)
		}
		if w := v.session; w != nil && (s.End != w.End || int(s.Events) != w.Events || s.Bot != w.Bot || s.Closed != w.Closed || s.Consent != w.Consent || !slices.Equal(s.Steps, w.Steps)) {
			t.Errorf("session %d: got %+v, want %+v", i, s, w)
		}
		if site, visitor, ok := AsideVisitor(sessionsLog, s.alone()); !ok || site != s.Site || visitor != s.Visitor {
			t.Errorf("session %d alone: got %s %s %v", i, site, visitor, ok)
		}
	}
	name, parts, err := peekStretch(string(b))
	if err != nil || name != p.stretchName || parts != 2 {
		t.Errorf("peek: got %+v %d %v", name, parts, err)
	}
	c := cutRecord{controlID, 5, 9}
	if got, err := decodeCut(string(c.append(nil))); err != nil || got != c {
		t.Errorf("got %+v, %v", got, err)
	}
	a := asideRecord{eventsID, 5, lettersTable, []asideRow{{7, "why"}, {1 << 60, ""}}}
	if got, err := decodeAside(string(a.append(nil))); err != nil || fmt.Sprint(got) != fmt.Sprint(a) {
		t.Errorf("got %+v, %v", got, err)
	}
	n := stretchName{"e", 0, 77}
	if got, err := decodeControl(string(appendControl(nil, &n))); err != nil || got != n {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestStripTakesSessionsAndNothingElse(t *testing.T) {
	_, _, list, b := somePlan()
	part := string(appendSessions([]byte{planPart, planVersion}, []string{"shop", "other"}, list))
	n := stretchName{"e", 0, 77}
	for _, payload := range []string{string(b), part, string(appendControl(nil, &n)), ""} {
		same, removed, err := StripPlan(payload, func(site, visitor string) bool { return site == "other" && visitor == "v1" })
		if err != nil || removed != 0 || same != payload {
			t.Errorf("without a match: removed %d, %v", removed, err)
		}
	}
	stripped, removed, err := StripPlan(string(b), func(site, visitor string) bool { return site == "shop" && visitor == "v1" })
	if err != nil || removed != 1 || len(stripped) >= len(b) {
		t.Fatalf("removed %d, %v", removed, err)
	}
	before, _, _ := decodePlan(string(b))
	after, sessions, err := decodePlan(stripped)
	if err != nil || fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("got %+v, %v, want %+v", after, err, before)
	}
	if back := readAll(t, sessions); len(back) != 2 || back[0].Visitor != "v2" || back[1].Visitor != "v3" {
		t.Errorf("left are %+v", back)
	}
}

func TestDamagedPlansAreErrors(t *testing.T) {
	_, _, _, b := somePlan()
	for n := range len(b) {
		p, sessions, err := decodePlan(string(b[:n]))
		if err == nil {
			r := openSessions(sessions)
			var s plannedSession
			for r.next(&s) {
			}
			err = r.err(planBatch)
		}
		var bad *PlanError
		if !errors.As(err, &bad) || bad.Offset > n {
			t.Fatalf("cut at %d: got %+v, %v", n, p, err)
		}
	}
}

func FuzzPlanRecords(f *testing.F) {
	_, _, list, b := somePlan()
	n := stretchName{"e", 0, 77}
	f.Add(b)
	f.Add(appendSessions([]byte{planPart, planVersion}, []string{"shop", "other"}, list))
	f.Add(appendControl(nil, &n))
	f.Add((&cutRecord{eventsID, 3, 4}).append(nil))
	f.Add((&asideRecord{eventsID, 5, lettersTable, []asideRow{{7, "why"}}}).append(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		payload := string(data)
		d := decided{map[batchStart]uint64{}, map[asideKey]string{}}
		_ = d.take(payload)
		c := planCursor{}
		_, _ = c.held(0, payload)
		_, _, _ = AsideVisitor(sessionsLog, payload)
		if p, sessions, err := decodePlan(payload); err == nil {
			again := p.append(nil)
			if q, _, err := decodePlan(string(append(again, sessions...))); err != nil || fmt.Sprint(p) != fmt.Sprint(q) {
				t.Fatalf("%+v came back as %+v, %v", p, q, err)
			}
		}
		whole, removed, err := StripPlan(payload, func(string, string) bool { return false })
		if whole != payload || removed != 0 {
			t.Fatalf("stripping nothing changed something: %v", err)
		}
		empty, removed, err := StripPlan(payload, func(string, string) bool { return true })
		if err != nil || removed == 0 {
			return
		}
		if len(empty) > len(payload) {
			t.Fatal("stripping made it longer")
		}
		if _, again, err := StripPlan(empty, func(string, string) bool { return true }); err != nil || again != 0 {
			t.Fatalf("stripped twice: %d more, %v", again, err)
		}
	})
}
