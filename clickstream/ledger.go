package clickstream

// Ledger is what became of every event that was sent: Received = Stored + Duplicates + Rejected in every value that is read.
// Each number is counted where it happens and none is computed from the others: Received by the decoder, Stored by what
// the log appended, Duplicates by the dedup window, Rejected by the dead letter's record.
type Ledger struct {
	Received   int64 `json:"received"`
	Stored     int64 `json:"stored"`
	Duplicates int64 `json:"duplicates"`
	Rejected   int64 `json:"rejected"`

	Generated   int64 `json:"generated"`    // events that the server made itself: in none of the above
	DeadLetters int64 `json:"dead_letters"` // rejected events that were kept whole
}
