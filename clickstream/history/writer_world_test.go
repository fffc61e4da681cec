package history

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"beckon/clickstream"
	"beckon/clickstream/eventlog"
	"beckon/clickstream/record"
)

// installation is logs, folds and a spool in a folder, as a server has them.
type installation struct {
	t       testing.TB
	dir     string
	data    int // data partitions
	events  *eventlog.Log
	control *eventlog.Log
	plans   *eventlog.Log
	spool   *Spool
	runner  *clickstream.Runner
	finals  *finals
	config  SpoolConfig
}

// finals is what a fold sees of sessions: the newest version of each that was not retracted.
type finals struct {
	sessions map[string]clickstream.Session
	events   int
}

func finalKey(site, visitor string, start int64) string {
	return fmt.Sprintf("%s/%s/%d", site, visitor, start)
}

func (f *finals) ApplyFacts(facts []clickstream.Fact) error {
	for _, fact := range facts {
		if fact.Event != nil {
			f.events++
		}
		for _, c := range fact.Changes {
			for _, k := range c.Retracted {
				delete(f.sessions, finalKey(fact.Site, k.Visitor, k.Start))
			}
			if s := c.Session; s != nil {
				f.sessions[finalKey(fact.Site, s.Key.Visitor, s.Key.Start)] = *s
			}
		}
	}
	return nil
}

func (f *finals) Snapshot(w io.Writer) error {
	k := kept{f.sessions, map[string][]keptStep{}, f.events}
	for name, s := range f.sessions {
		for _, step := range s.Steps {
			k.Steps[name] = append(k.Steps[name], keptStep{step.Item(), step.Kind(), step.Time()})
		}
	}
	return json.NewEncoder(w).Encode(k)
}

func (f *finals) Restore(r io.Reader) error {
	k := kept{Sessions: map[string]clickstream.Session{}}
	err := json.NewDecoder(r).Decode(&k)
	f.sessions, f.events = k.Sessions, k.Events
	for name, s := range f.sessions {
		s.Steps = nil
		for _, step := range k.Steps[name] {
			s.Steps = append(s.Steps, clickstream.NewStep(step.Item, step.Kind, step.Time))
		}
		f.sessions[name] = s
	}
	return err
}

// kept has the steps apart: a Step does not show what it is made of.
type kept struct {
	Sessions map[string]clickstream.Session
	Steps    map[string][]keptStep
	Events   int
}

type keptStep struct {
	Item string
	Kind clickstream.Kind
	Time int64
}

// openInstallation opens, or makes, an installation in dir.
func openInstallation(t testing.TB, dir string, data int, config SpoolConfig) *installation {
	t.Helper()
	in := &installation{t: t, dir: dir, data: data, config: config}
	open := func(name string, partitions int) *eventlog.Log {
		l, err := eventlog.Open(eventlog.Config{Dir: filepath.Join(dir, name), Partitions: partitions, SegmentBytes: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	in.events, in.control, in.plans = open("events", data+1), open("control", 1), open("plans", 1)
	in.startFolds()
	return in
}

func (in *installation) startFolds() {
	in.t.Helper()
	cfg := in.config
	cfg.Events, cfg.Plans = in.events, in.plans
	var runner *clickstream.Runner
	cfg.Applied = func() uint64 { return runner.Position(SpoolName) }
	var err error
	if in.spool, err = OpenSpool(cfg); err != nil {
		in.t.Fatal(err)
	}
	in.finals = &finals{sessions: map[string]clickstream.Session{}}
	runner, err = clickstream.OpenRunner(in.t.Context(), clickstream.RunnerConfig{
		Log: in.events, Partitions: in.data, Dir: filepath.Join(in.dir, "checkpoints"), CheckpointEvery: -1,
		Folds: []clickstream.NamedFold{{Name: SpoolName, Fold: in.spool}, {Name: "finals", Fold: in.finals}},
	})
	if err != nil {
		in.t.Fatal(err)
	}
	in.runner = runner
	runner.Start()
}

// close closes everything as a server does.
func (in *installation) close() {
	in.t.Helper()
	if in.runner != nil {
		if err := in.runner.Close(context.WithoutCancel(in.t.Context())); err != nil {
			in.t.Error(err)
		}
	}
	in.closeLogs()
}

// crash leaves what was frozen after the newest checkpoint to the next start, as a killed process does.
func (in *installation) crash() {
	in.t.Helper()
	in.caughtUp()
	dir := filepath.Join(in.dir, "checkpoints")
	before, err := os.ReadDir(dir)
	if err != nil {
		in.t.Fatal(err)
	}
	kept := map[string]bool{}
	for _, e := range before {
		kept[e.Name()] = true
	}
	if err := in.spool.Freeze(in.t.Context()); err != nil {
		in.t.Fatal(err)
	}
	in.close()
	after, err := os.ReadDir(dir)
	if err != nil {
		in.t.Fatal(err)
	}
	for _, e := range after {
		if !kept[e.Name()] {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				in.t.Fatal(err)
			}
		}
	}
}

func (in *installation) closeLogs() {
	for _, l := range []*eventlog.Log{in.events, in.control, in.plans} {
		if err := l.Close(); err != nil {
			in.t.Error(err)
		}
	}
}

// caughtUp waits until the folds have everything.
func (in *installation) caughtUp() record.Cut {
	in.t.Helper()
	cut := in.events.Cut(nil)
	if err := in.runner.Wait(in.t.Context(), cut); err != nil {
		in.t.Fatal(err, in.runner.Failures())
	}
	if f := in.runner.Failures(); len(f) > 0 {
		in.t.Fatal(f)
	}
	return cut
}

// put appends events in one append, each to its partition, and a record of the intake partition behind them as the collector does.
func (in *installation) put(events ...clickstream.Event) {
	in.t.Helper()
	parts := make([]record.Append, in.data+1)
	for i := range events {
		e := &events[i]
		p := &parts[clickstream.PartitionOf(e.Site, e.Visitor, in.data)]
		p.Records.Data = clickstream.AppendEvent(p.Records.Data, e)
		p.Records.Close()
	}
	last := &parts[in.data].Records
	last.Data = append(last.Data, clickstream.RecordLedger, 1, 1, 's', 1, 0, 0)
	last.Close()
	in.appendParts(parts)
}

func (in *installation) appendParts(parts []record.Append) {
	in.t.Helper()
	var some []record.Append
	for i := range parts {
		if parts[i].Records.Len() > 0 {
			parts[i].Partition = i
			some = append(some, parts[i])
		}
	}
	if _, err := in.events.Append(in.t.Context(), some); err != nil {
		in.t.Fatal(err)
	}
}

// reject appends a dead letter.
func (in *installation) reject(site, raw string) {
	in.t.Helper()
	parts := make([]record.Append, in.data+1)
	p := &parts[in.data].Records
	p.Data = append(p.Data, clickstream.RecordRejected, 1, 0, 0)
	p.Data = appendText(p.Data, site)
	p.Data = binary.AppendVarint(p.Data, 1_790_000_000_000)
	for _, s := range []string{"", "code", "message", "", "", "", "", raw} {
		p.Data = appendText(p.Data, s)
	}
	p.Close()
	in.appendParts(parts)
}

// tick moves a site's clock in every partition.
func (in *installation) tick(site string, clock int64) {
	in.t.Helper()
	parts := make([]record.Append, in.data+1)
	for p := range in.data {
		parts[p].Records.Data = clickstream.AppendTick(nil, &clickstream.Tick{Site: site, Clock: clock})
		parts[p].Records.Close()
	}
	in.appendParts(parts)
}

func (in *installation) decide(payload string) {
	in.t.Helper()
	parts := []record.Append{{Records: record.Packed{Data: []byte(payload), Ends: []uint32{uint32(len(payload))}}}}
	if _, err := in.control.Append(in.t.Context(), parts); err != nil {
		in.t.Fatal(err)
	}
}

// crowd makes events of shoppers who come, go, come late, buy twice and are machines.
type crowd struct {
	rng      *rand.Rand
	clock    int64
	id       int
	visitors int
	step     int64 // ms between two events, at most
}

func newCrowd(seed uint64, visitors int) *crowd {
	return &crowd{rng: rand.New(rand.NewPCG(seed, 1)), clock: 1_790_000_000_000, visitors: visitors, step: 4000}
}

func (c *crowd) events(n int) []clickstream.Event {
	list := make([]clickstream.Event, n)
	for i := range list {
		c.clock += c.rng.Int64N(c.step)
		c.id++
		e := clickstream.Event{
			Site: [...]string{"shop", "shop", "other"}[c.rng.IntN(3)], Visitor: fmt.Sprintf("v%04d", c.rng.IntN(c.visitors)), ID: fmt.Sprintf("e%09d", c.id),
			Kind: clickstream.ViewItem, Time: c.clock, Received: c.clock + 40, Consent: clickstream.Analytics | clickstream.Personalization,
			URL: "https://shop.example/p/1?utm_source=mail", UserAgent: "Mozilla/5.0 (X11; Linux x86_64)", Currency: "EUR",
			Items: []clickstream.Item{{ID: fmt.Sprint("sku-", c.rng.IntN(50)), Price: 1999, Quantity: 1, Category: "kettles"}},
		}
		switch c.rng.IntN(24) {
		case 0, 1:
			e.Kind = clickstream.AddToCart
		case 2:
			e.Kind, e.Transaction, e.Value = clickstream.Purchase, fmt.Sprint("t", c.rng.IntN(max(c.id/30, 1))), 1999
		case 3, 4:
			e.Kind, e.Items = clickstream.PageView, nil
		case 5:
			e.Kind, e.Items, e.SearchTerm = clickstream.Search, nil, "kettle"
		case 6:
			e.Time -= c.rng.Int64N(20 * 60_000) // out of order
		case 7:
			e.Time -= 3 * 60 * 60_000 // late
		case 8:
			e.Bot = clickstream.BotAgent
		case 9:
			e.Kind, e.Generated, e.Placement, e.RecID = clickstream.Impression, true, "home", fmt.Sprint("r", c.id)
			e.Items = append(e.Items, clickstream.Item{ID: "sku-2", Price: clickstream.NoPrice, Quantity: 1, Propensity: 0.25, Reason: "trending"})
		}
		e.Name = e.Kind.String()
		list[i] = e
	}
	return list
}

// fill appends n events of c in appends of some, with ticks, dead letters and decisions between.
func (in *installation) fill(c *crowd, n, some int) {
	in.t.Helper()
	for at := 0; at < n; at += some {
		in.put(c.events(min(some, n-at))...)
		switch (at / some) % 7 {
		case 1:
			in.tick("shop", c.clock)
		case 3:
			in.reject("shop", fmt.Sprint("not json ", at))
		case 5:
			in.decide(fmt.Sprintf(`{"t":%d,"by":"user anna","do":"item.put","site":"shop","id":"sku-%d"}`, c.clock, at))
		}
	}
}

// writing is a Writer at work.
type writing struct {
	*Writer
	cancel context.CancelFunc
	ended  chan error
}

func (in *installation) write(db driver.Conn, change func(*WriterConfig)) *writing {
	in.t.Helper()
	cfg := WriterConfig{
		Events: in.events, Control: in.control, Plans: in.plans, DB: db, Spool: in.spool,
		BatchAge: 20 * time.Millisecond, RetryMin: 5 * time.Millisecond, RetryMax: 50 * time.Millisecond,
	}
	if change != nil {
		change(&cfg)
	}
	w, err := OpenWriter(cfg)
	if err != nil {
		in.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(in.t.Context()))
	out := &writing{Writer: w, cancel: cancel, ended: make(chan error, 1)}
	go func() { out.ended <- w.Run(ctx) }()
	return out
}

func (w *writing) stop(t testing.TB) {
	t.Helper()
	w.cancel()
	if err := <-w.ended; err != nil {
		t.Error(err)
	}
}

// written waits until everything in the logs is in ClickHouse.
func (w *writing) written(in *installation) {
	in.t.Helper()
	ctx, cancel := context.WithTimeout(in.t.Context(), time.Minute)
	defer cancel()
	if err := w.WaitFor(ctx, in.events.Cut(nil).Seq); err != nil {
		in.t.Fatalf("%v: %+v", err, w.State())
	}
	for {
		moved := w.changed()
		if w.State().Control >= in.control.Cut(nil).Seq {
			return
		}
		select {
		case <-moved:
		case <-ctx.Done():
			in.t.Fatalf("control log: %+v", w.State())
		}
	}
}

// partsOf is an append of one record to a partition.
func partsOf(data, partition int, payload string) []record.Append {
	parts := make([]record.Append, data+1)
	parts[partition].Records.Data = []byte(payload)
	parts[partition].Records.Close()
	return parts
}
