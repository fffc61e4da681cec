package history

import (
	"context"
	"errors"
	"io"

	"beckon/clickstream"
)

// SpoolName is the name under which the Runner knows a Spool.
const SpoolName = "history"

// SpoolConfig says where a Spool puts its plans. Events and Plans are needed.
type SpoolConfig struct {
	Events clickstream.Log // the log that facts come from; only its epoch and end are asked for
	Plans  clickstream.Log // one partition; nobody else appends plans

	Rows  int // facts in a plan; 128 Ki
	Bytes int // of their events and sessions, about; 24 MiB

	// Applied is the Seq below which the Runner has given all facts to the Spool: records without a fact, as those that end each
	// append, can be frozen too. Without it a plan ends with its last fact.
	Applied func() uint64
}

// Spool is the fold of facts that freezes batches.
type Spool struct {
	cfg SpoolConfig
}

// OpenSpool reads where the plan log ends.
func OpenSpool(cfg SpoolConfig) (*Spool, error) { return &Spool{cfg: cfg}, nil }

// ApplyFacts takes facts into the plan at work and freezes it when it is large enough.
func (s *Spool) ApplyFacts(facts []clickstream.Fact) error { return nil }

// Snapshot freezes what is pending and writes the Seq of the next fact.
func (s *Spool) Snapshot(w io.Writer) error { return nil }

// Restore goes on from a snapshot; facts that plans hold already are passed over.
func (s *Spool) Restore(r io.Reader) error { return nil }

// Freeze cuts what is pending now.
func (s *Spool) Freeze(ctx context.Context) error { return errors.New("history: no spool") }

// LowPlans is the offset of the plan log below which the Spool needs nothing, for when there is no Writer.
func (s *Spool) LowPlans() uint64 { return 0 }
