package record

// Control is one record of the control log as its folds see it. It is borrowed until the fold returns.
type Control struct {
	Offset uint64
	Time   int64  // Unix ms, never below that of an earlier record: the log's clock
	Actor  string // "user anna", "key key_4fz…", "cli", "engine"
	Do     string // what it does: "offer.claim"
	Site   string
	ID     string
	Body   []byte // JSON, nil if none
}
