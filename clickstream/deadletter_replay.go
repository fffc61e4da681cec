package clickstream

import "context"

// A list ends after so many letters, or when they have so many bytes together.
const (
	maxLetters     = 1000
	maxLetterBytes = 16 << 20
)

// DeadLetters lists the newest dead letters of site ("": of all), newest first, at most 1000 or 16 MiB.
func (c *Collector) DeadLetters(site string, limit int) ([]DeadLetter, error) {
	return c.letters.list(site, min(limit, maxLetters))
}

// Replay submits the dead letter's event of src.Site again, read as it was then: its time, its visitor, its consent and the kind of its
// key are the letter's; the site's currency, ProveUser and, when src.Import is set, the freedom of history are src's. Once it
// is taken, or found to be a duplicate, the letter is marked. It counts as newly received; rejected again, it makes no second letter.
// ErrNoDeadLetter: there is none with this id, or it is another site's.
func (c *Collector) Replay(ctx context.Context, src *Source, id string) (Result, error) {
	offset, ok := parseLetterID(id, c.cfg.Partitions)
	if !ok {
		return Result{}, ErrNoDeadLetter
	}
	l, err := c.letters.get(src.Site, offset)
	if err != nil {
		return Result{}, err
	}
	body := l.head + l.Raw + "]}"
	weight := int64(len(body))
	if err := c.reserve(weight); err != nil {
		return Result{}, err
	}
	then := Source{
		Site: src.Site, Secret: l.secret, Received: l.Time, UserAgent: l.userAgent, IP: l.ip, Import: l.history || src.Import,
		Currency: src.Currency, Visitor: l.visitor, ProveUser: src.ProveUser,
	}
	w := c.workers.Get().(*worker)
	r := w.request
	r.site, r.budget, r.weight = src.Site, &c.queued, weight
	r.replays, r.letter = true, offset
	if err := w.parser.Body(body, &then, &w.out); err != nil {
		w.out.Rejected = append(w.out.Rejected, Rejection{ID: l.EventID, Code: BadJSON, Message: err.Error()})
	}
	c.tag(&then, w.out.Events)
	r.decoded(c.cfg.Seed, c.cfg.Partitions, &then, &w.out)
	return c.settle(ctx, w)
}
