package health

import (
	"strings"
	"testing"
	"time"

	"beckon/dashboards/ui"
	"beckon/dashboards/ui/golden"
	"beckon/web/text"
)

const t0 = 1_790_000_000_000

// well is an installation in which nothing is wrong.
func well() Numbers {
	l := Ledger{Received: 43263, Stored: 43200, Duplicates: 60, Rejected: 3, Late: 12, DeadLetters: 3}
	return Numbers{
		Now: t0, Started: t0 - 5*3600_000, Version: "1", Ledger: l, Whole: l, LagBound: 2_000_000,
		Folds:   []Fold{{Name: "sessions"}, {Name: "demand", Lag: 12}, {Name: "drift"}},
		Intake:  Intake{QueueBytes: 1 << 20, QueueBound: 64 << 20, IDs: 43000, MaxIDs: 134_000_000},
		Checks:  Checkpoints{Written: 300, Newest: t0 - 30_000, Every: time.Minute},
		Control: 370, Model: Model{Version: "v1.12", Visits: 12000},
		Streams: []Stream{{Name: "home", N: 20000, Share: 0.08}, {Name: "cart", N: 12}, {N: 90_000, Share: 0.01}},
		History: History{Configured: true, Known: true, LagRows: 12, LagTime: 2 * time.Second, Rows: 43200},
		Push:    Push{Open: 812, Bound: 50_000, Recovered: 100, Resynced: 3},
		Disk:    Disk{Free: 200 << 30, Total: 400 << 30, Events: 13 << 20, ControlLog: 157 << 10, History: 40 << 20, Rest: 9 << 20, PerDay: 1 << 30, Known: true, Retain: 720 * time.Hour},
		Memory:  Memory{Resident: 600 << 20, Heap: 300 << 20, Bound: 8 << 30, Goroutines: 120},
		Limits:  Limits{Key: 20000, Visitor: 50, Address: 500, Sockets: 50_000, PerAddress: 1000, Body: 1 << 20, Quote: 30 * time.Minute},
	}
}

// broken is one in which nearly everything is.
func broken() Numbers {
	n := well()
	n.NotReady = []string{"fold demand stopped: record 17"}
	n.Panics, n.StoreFail, n.LastFail = 2, 900, t0-1000
	n.Ledger.Stored -= 2
	n.Ledger.Rejected += 3000
	n.Folds[0] = Fold{Name: "sessions", Lag: 900_000, Behind: 3 * time.Minute}
	n.Folds[1].Failed = "record 17"
	n.Intake.QueueBytes, n.Intake.Refused, n.Intake.Dropped = 63<<20, 17, 5
	n.Checks.Failed = "no space left on device"
	n.Notes = []string{"snapshot 12: damaged"}
	n.Streams[0] = Stream{Name: "home", N: 9000, Share: 0.04, Changed: true, At: t0 - 3*3600_000, From: 0.08}
	n.Streams[2] = Stream{N: 9000, Share: 0.6, Changed: true, At: t0 - 3600_000, From: 0.02}
	n.History = History{Configured: true, Known: true, LagRows: 1_000_000, LagTime: 30 * time.Hour, Err: "connection refused", SetAside: 3, Lost: 100, Restarts: 9}
	n.Push.Open, n.Push.Refused = 49_000, 80
	n.Disk.Free, n.Disk.Full = 2<<30, 3
	n.Memory.Resident = 7600 << 20
	n.Erasing = Erasing{Waiting: 2, Since: t0 - 50*3600_000}
	n.Prices = Prices{BreakerOpen: true, Alerts: 7}
	n.Work = Work{Done: 30, Total: 100}
	n.Letters = []Letter{
		{ID: "64-12", Code: "bad_price", Message: "price: below 0", EventID: "01J", Time: t0 - 60_000},
		{ID: "64-11", Code: "odd_code", Message: "<b>", Time: t0 - 90_000, Replayed: true},
	}
	n.Codes = []Code{{"bad_price", 2900}, {"odd_code", 3}}
	return n
}

func frame(lang string) ui.Page {
	p := text.For(lang)
	return ui.Page{
		Title: p.T("health.title"), Lead: p.T("health.lead"), Nav: "health", Text: p, Site: "demo", SiteName: "Demo", User: "anna", Role: "merchandiser",
		CSRF: "token", Path: "/admin/health?site=demo", CSV: "/admin/health/csv?site=demo", Topics: []string{"health"},
	}
}

func TestPages(t *testing.T) {
	for _, lang := range []string{"en", "de"} {
		p := frame(lang)
		for name, n := range map[string]Numbers{"well": well(), "broken": broken(), "first_minute": {Now: t0, Started: t0 - 1000, Warming: true}} {
			v := Judge(p.Text, &n)
			v.Replay = true
			if name == "broken" {
				v.Trouble = "price: below 0"
			}
			golden.Check(t, name+"_"+lang, Page(p, v))
		}
	}
}

func TestAWellInstallationHasNothingToDo(t *testing.T) {
	n := well()
	v := Judge(text.For("en"), &n)
	if v.Overall != Good || len(v.Troubles) != 0 {
		t.Errorf("got %v and %+v", v.Overall, v.Troubles)
	}
}

// Each fault alone is found, told with what it means and what to do, and makes the whole as grave as it is.
func TestEachFaultIsFoundAndSaysWhatToDo(t *testing.T) {
	for _, c := range []struct {
		name   string
		harm   func(n *Numbers)
		check  string
		status Status
	}{
		{"not ready", func(n *Numbers) { n.NotReady = []string{"closing"} }, "ready", Bad},
		{"a panic", func(n *Numbers) { n.Panics = 1 }, "panics", Warn},
		{"events lost", func(n *Numbers) { n.Ledger.Stored-- }, "ledger", Bad},
		{"events lost in another shop", func(n *Numbers) { n.Whole.Stored-- }, "ledger", Bad},
		{"many refused", func(n *Numbers) { n.Ledger.Rejected += 5000; n.Ledger.Received += 5000 }, "rejected", Warn},
		{"many late", func(n *Numbers) { n.Ledger.Late = 9000 }, "late", Warn},
		{"a full queue", func(n *Numbers) { n.Intake.QueueBytes = 60 << 20 }, "queue", Bad},
		{"ids nearly full", func(n *Numbers) { n.Intake.IDs = 120_000_000 }, "ids", Warn},
		{"a full disk now", func(n *Numbers) { n.StoreFail, n.LastFail = 9, t0-1000 }, "store", Bad},
		{"a full disk long ago", func(n *Numbers) { n.StoreFail, n.LastFail = 9, t0-3600_000 }, "store", Warn},
		{"a reader behind", func(n *Numbers) { n.Folds[0].Lag, n.Folds[0].Behind = 50_000, time.Minute }, "fold", Warn},
		{"a reader far behind", func(n *Numbers) { n.Folds[0].Lag, n.Folds[0].Behind = 900_000, time.Hour }, "fold", Bad},
		{"a reader stopped", func(n *Numbers) { n.Folds[1].Failed = "record 17" }, "fold_stopped", Bad},
		{"checkpoints fail", func(n *Numbers) { n.Checks.Failed = "no space" }, "checkpoint", Bad},
		{"checkpoints are old", func(n *Numbers) { n.Checks.Newest = t0 - 3600_000 }, "checkpoint", Warn},
		{"fewer clicks", func(n *Numbers) {
			n.Streams[0] = Stream{Name: "home", N: 9000, Share: 0.04, Changed: true, At: t0 - 1000, From: 0.08}
		}, "ctr", Warn},
		{"unknown items", func(n *Numbers) { n.Streams[2].Share = 0.5 }, "unknown", Warn},
		{"history behind", func(n *Numbers) { n.History.LagTime = time.Hour }, "history", Warn},
		{"history away", func(n *Numbers) { n.History.Known = false; n.History.Trouble = "not reached yet" }, "history_away", Warn},
		{"history refused", func(n *Numbers) { n.History.Refused = "of another installation" }, "history_refused", Bad},
		{"history lost", func(n *Numbers) { n.History.Lost = 1 }, "history_lost", Bad},
		{"sockets nearly full", func(n *Numbers) { n.Push.Open = 46_000 }, "sockets", Bad},
		{"little space", func(n *Numbers) { n.Disk.Free = 30 << 30; n.Disk.PerDay = 0 }, "disk", Warn},
		{"hardly any space", func(n *Numbers) { n.Disk.Free = 4 << 30; n.Disk.PerDay = 0 }, "disk", Bad},
		{"full in ten days", func(n *Numbers) { n.Disk.PerDay = 20 << 30 }, "days", Warn},
		{"full in two days", func(n *Numbers) { n.Disk.PerDay = 100 << 30 }, "days", Bad},
		{"was full", func(n *Numbers) { n.Disk.Full = 1 }, "disk_full", Bad},
		{"little memory", func(n *Numbers) { n.Memory.Resident = 7 << 30 }, "memory", Warn},
		{"erasure waits", func(n *Numbers) { n.Erasing = Erasing{1, t0 - 48*3600_000} }, "erasing", Warn},
		{"breaker open", func(n *Numbers) { n.Prices.BreakerOpen = true }, "breaker", Warn},
	} {
		n := well()
		c.harm(&n)
		for _, lang := range []string{"en", "de"} {
			v := Judge(text.For(lang), &n)
			if v.Overall != c.status || len(v.Troubles) == 0 {
				t.Errorf("%s: overall %v with %d troubles, want %v", c.name, v.Overall, len(v.Troubles), c.status)
				continue
			}
			if got := v.Troubles[0]; got.ID != c.check || len(got.Means) < 20 || len(got.Do) < 20 || strings.HasPrefix(got.Means, "health.") || strings.HasPrefix(got.Do, "health.") {
				t.Errorf("%s: got %+v, want %s with what to do", c.name, got, c.check)
			}
		}
	}
}

// A burst that is worked off within seconds is no trouble, nor is a rise of what is taken, nor a share of few.
func TestWhatPassesByItselfIsNoTrouble(t *testing.T) {
	n := well()
	n.Folds[0].Lag, n.Folds[0].Behind = 90_000, time.Second
	n.Streams[0] = Stream{Name: "home", N: 9000, Share: 0.09, Changed: true, At: t0 - 1000, From: 0.04}
	n.Streams[1] = Stream{Name: "cart", N: 20, Share: 0.01, Changed: true, At: t0 - 1000, From: 0.4}
	if v := Judge(text.For("en"), &n); v.Overall != Good {
		t.Errorf("got %+v", v.Troubles)
	}
}
