package pricing

import (
	"sync"

	"beckon/clickstream/record"
)

// Config bounds what a Book keeps in memory.
type Config struct {
	History int // lines kept of an item; 0: 64. Older ones stand in the log
	Whole   int // decisions kept whole of an item; 0: 8

	// OnDecision gets every price.decide that was accepted, with the input that the state gave at its place, from the goroutine that
	// applies the log. nil: nobody listens. Audit.Decision recomputes.
	OnDecision func(r *record.Control, in Input, d Decision)
}

// Book is the state of prices: a fold over the price.* records of the control log.
type Book struct {
	cfg   Config
	mu    sync.RWMutex
	sites map[string]*siteState
	all   allSites

	due int64 // of the goroutine that applies the log
}

// allSites is what holds for the whole installation.
type allSites struct {
	Frozen   bool   `json:"frozen,omitzero"`
	Revision uint64 `json:"revision,omitzero"`
}

// New returns a Book that knows nothing: every price is the shop's own.
func New(cfg Config) *Book {
	if cfg.History == 0 {
		cfg.History = 64
	}
	if cfg.Whole == 0 {
		cfg.Whole = 8
	}
	return &Book{cfg: cfg, sites: map[string]*siteState{}}
}

// Name is what the Book's records begin with.
func (b *Book) Name() string { return "price" }

// The records. Bodies are JSON; what each takes stands at its type.
const (
	DoSettings    = "price.settings"
	DoFreeze      = "price.freeze"
	DoBreaker     = "price.breaker"
	DoObserve     = "price.observe"
	DoDecide      = "price.decide"
	DoApprove     = "price.approve"
	DoDismiss     = "price.dismiss"
	DoReopen      = "price.reopen"
	DoSet         = "price.set"
	DoUndo        = "price.undo"
	DoMarkdown    = "price.markdown"
	DoMarkdownEnd = "price.markdown.end"
	DoCompetitor  = "price.competitor"
)

// Actor of the records that the engine appends.
const Engine = "engine"

// Apply carries out one record. With refused, a *Refusal, the state is as it was before.
func (b *Book) Apply(r *record.Control, shelf Shelf) (answer any, refused error) {
	t := &turn{b: b, r: r, shelf: shelf}
	if r.Do == DoFreeze {
		return t.freeze()
	}
	if r.Site == "" {
		return nil, refuse("unknown_site", "site: none is given")
	}
	t.site = b.site(r.Site)
	if t.site == nil {
		t.site, t.made = newSiteState(), true // kept by the first change
	}
	switch r.Do {
	case DoSettings:
		return t.settings()
	case DoBreaker:
		return t.closeBreaker()
	case DoObserve:
		return t.observe()
	case DoDecide:
		return t.decide()
	case DoApprove:
		return t.approve()
	case DoDismiss:
		return t.dismiss()
	case DoReopen:
		return t.reopen()
	case DoSet:
		return t.set()
	case DoUndo:
		return t.undo()
	case DoMarkdown:
		return t.markdown()
	case DoMarkdownEnd:
		return t.markdownEnd()
	case DoCompetitor:
		return t.competitor()
	}
	return nil, refuse("unknown_record", "do: there is no %q", r.Do)
}

// Due is the Unix ms at which a markdown begins or ends, 0 if none will.
func (b *Book) Due() int64 { return b.due }

// Expire begins and ends the markdowns that are due by the record's time.
func (b *Book) Expire(r *record.Control, shelf Shelf) {
	for _, name := range b.siteNames() {
		t := &turn{b: b, r: &record.Control{Offset: r.Offset, Time: r.Time, Actor: clockActor, Do: r.Do, Site: name}, shelf: shelf, site: b.sites[name]}
		t.turnMarkdowns()
	}
	b.findDue()
}

// clockActor is who begins and ends what was scheduled.
const clockActor = "clock"

func (b *Book) site(name string) *siteState {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.sites[name]
}

// installation is what holds for every site.
func (b *Book) installation() allSites {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.all
}
