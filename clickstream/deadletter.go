package clickstream

import "context"

// DeadLetter is a rejected event, kept as it came.
type DeadLetter struct {
	ID       string `json:"id"` // partition-offset of its record
	Site     string `json:"site"`
	Time     int64  `json:"time"`               // Unix ms at which it was received
	SentAt   int64  `json:"sent_at"`            // Unix ms on the sender's clock
	Visitor  string `json:"visitor,omitempty"`  // of its body, "" if the event names its own
	EventID  string `json:"event_id,omitempty"` // as far as it could be read
	Code     string `json:"code"`
	Message  string `json:"message"`
	Raw      string `json:"event"` // the event's bytes
	Replayed bool   `json:"replayed"`
}

// DeadLetters lists the newest dead letters of site ("": of all), newest first.
func (c *Collector) DeadLetters(site string, limit int) ([]DeadLetter, error) { return nil, ErrClosed }

// Replay submits a dead letter's event again, with src as the source: its time and visitor are the letter's. Once it is
// taken (or found to be a duplicate) the letter is marked. It counts as newly received; rejected again, it makes no second
// letter. ErrNoDeadLetter: there is none with this id, or it is another site's.
func (c *Collector) Replay(ctx context.Context, src *Source, id string) (Result, error) {
	return Result{}, ErrClosed
}
