package pricing

import "beckon/pricing/guard"

// Kind says how a price came about.
type Kind string

const (
	KindList        Kind = "list"         // the shop changed its list price
	KindEngine      Kind = "engine"       // the engine published
	KindStay        Kind = "stay"         // the engine decided to leave it
	KindSuggested   Kind = "suggested"    // the engine asked a person
	KindApproved    Kind = "approved"     // a person published a suggestion
	KindDismissed   Kind = "dismissed"    // a person turned a suggestion down
	KindReopened    Kind = "reopened"     // a person took that back: the suggestion waits again
	KindManual      Kind = "manual"       // a person set it
	KindUndo        Kind = "undo"         // a person took a version back
	KindMarkdown    Kind = "markdown"     // an announced markdown began or went a step deeper
	KindMarkdownEnd Kind = "markdown_end" // … ended: the price before returned
	KindEdge        Kind = "edge"         // limits changed and left it outside: it was moved to their edge
	KindRestore     Kind = "restore"      // the kill switch put the list price back
	KindBreaker     Kind = "breaker"      // the engine would have published, and the catalog's breaker opened
)

// Entry is one line of an item's history: a decision, or a price that was put in force.
type Entry struct {
	Offset uint64 `json:"o"` // of the control record; it is the price's version where the price changed
	At     int64  `json:"t"` // Unix ms, of the log
	Actor  string `json:"by,omitempty"`
	Market string `json:"market,omitempty"`
	Kind   Kind   `json:"kind"`
	Before int64  `json:"before"`
	After  int64  `json:"after"`
	// Was is the version before, so that the chain of versions can be followed.
	Was      uint64       `json:"was,omitzero"`
	Reason   string       `json:"reason,omitempty"`
	Markdown *Run         `json:"markdown,omitzero"`
	Guard    []guard.Step `json:"guard,omitempty"`
	Over     []string     `json:"over,omitempty"`    // soft rules that a person overrode
	Decision *Decision    `json:"decision,omitzero"` // the whole of it: of the last Config.Whole that changed or asked to change a price
}

// Moved says that the price changed.
func (e *Entry) Moved() bool {
	switch e.Kind {
	case KindStay, KindSuggested, KindDismissed, KindReopened, KindBreaker:
		return false
	}
	return e.Before != e.After
}

// remember appends e to the item's history and drops what is beyond the bounds. The slice is a new one.
func (s *itemState) remember(e Entry, cfg *Config) {
	drop := max(0, len(s.History)+1-cfg.History)
	next := append(make([]Entry, 0, len(s.History)+1-drop), s.History[drop:]...)
	next = append(next, e)
	whole := 0
	for i := len(next) - 1; i >= 0; i-- {
		if next[i].Decision == nil {
			continue
		}
		if whole++; whole > cfg.Whole {
			next[i].Decision = nil
		}
	}
	s.History, s.Cut = next, s.Cut || drop > 0
}
