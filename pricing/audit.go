package pricing

import (
	"bytes"
	"fmt"
	"iter"
	"strings"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
)

// Audit recomputes decisions while a log is folded again: its Decision is a Book's Config.OnDecision. The zero value is ready. It is not
// for concurrent use.
type Audit struct {
	Accepted  int `json:"accepted"`  // decisions that the log's state accepted
	Equal     int `json:"equal"`     // recomputed to the same bits
	Different int `json:"different"` // recomputed to others
	Older     int `json:"older"`     // made by another version of the algorithm: not recomputed
	// First is the first that differs.
	First *Difference `json:"first,omitempty"`
}

// Difference is a decision that the log has and that its input does not give.
type Difference struct {
	Offset   uint64   `json:"offset"`
	Site     string   `json:"site"`
	Item     string   `json:"item_id"`
	Recorded Decision `json:"recorded"`
	Computed Decision `json:"computed"`
}

func (d *Difference) Error() string {
	return fmt.Sprintf("decision at control offset %d, item %s of site %s: recorded %d for the reason %s, computed %d for the reason %s",
		d.Offset, d.Item, d.Site, d.Recorded.Price, d.Recorded.Reason, d.Computed.Price, d.Computed.Reason)
}

// Decision compares one accepted decision with what its input gives, all of it, as canonical JSON: every float to the last bit.
func (a *Audit) Decision(r *record.Control, in Input, recorded Decision) {
	a.Accepted++
	if recorded.Algorithm != Algorithm {
		a.Older++
		return
	}
	computed := Decide(in)
	if sameDecision(&recorded, &computed) {
		a.Equal++
		return
	}
	a.Different++
	if a.First == nil {
		a.First = &Difference{r.Offset, r.Site, recorded.Item, recorded, computed}
	}
}

func sameDecision(a, b *Decision) bool {
	x, errX := json.Marshal(a, json.Deterministic(true))
	y, errY := json.Marshal(b, json.Deterministic(true))
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// Follower is a catalog that the records of a log build up beside the Book.
type Follower interface {
	Shelf
	// Turn says which record is applied next: what SetPrice does is done at its time and offset.
	Turn(r *record.Control)
	// Follow carries out a record that is not about prices and tells the Book what it changed.
	Follow(r *record.Control, b *Book)
}

// ReplayLog folds a log from its beginning with a new Book and recomputes every accepted decision. records are all of the control log's
// in their order. The Book is returned as the log leaves it.
func ReplayLog(records iter.Seq2[*record.Control, error], catalog Follower, cfg Config) (*Book, *Audit, error) {
	audit := &Audit{}
	cfg.OnDecision = audit.Decision
	book := New(cfg)
	for r, err := range records {
		if err != nil {
			return book, audit, fmt.Errorf("read the control log: %w", err)
		}
		catalog.Turn(r)
		if due := book.Due(); due != 0 && due <= r.Time {
			book.Expire(r, catalog)
		}
		if strings.HasPrefix(r.Do, "price.") {
			book.Apply(r, catalog) // a refusal is an outcome like any other
		} else {
			catalog.Follow(r, book)
		}
	}
	return book, audit, nil
}
