package history

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"beckon/clickstream"
)

// TimelineAsk asks for one visitor's events, the newest first. Machines, Device, Source and Fast of the scope do not count.
type TimelineAsk struct {
	Scope
	Visitor string
	After   string // the Next of the page before; "" is the first page
}

// TimelineAnswer is a page. Next is "" on the last one. An event that is stored while pages are read may be missed, never seen twice.
type TimelineAnswer struct {
	Events []TimelineEvent
	Next   string
}

// TimelineEvent is an event with what was found about it.
type TimelineEvent struct {
	clickstream.Event
	Seq     uint64
	Late    bool
	Machine bool
	Repeat  bool
}

// Timeline answers a TimelineAsk.
func (q *Questions) Timeline(ctx context.Context, ask TimelineAsk) (TimelineAnswer, error) {
	ask.Machines, ask.Device, ask.Source, ask.Fast = true, "", "", false
	in, err := q.ask("timeline", ask.Scope)
	if err != nil {
		return TimelineAnswer{}, err
	}
	if ask.Visitor == "" {
		return TimelineAnswer{}, in.refuse("Visitor", "is missing")
	}
	in.person = true
	in.params["visitor"], in.params["rows"] = ask.Visitor, in.scope.Limit+1
	where := append(in.rows(), "visitor_hash = xxh3({visitor:String})", "visitor = {visitor:String}")
	if ask.After != "" {
		var at int64
		var seq uint64
		if n, err := fmt.Sscanf(ask.After, "%d.%d", &at, &seq); err != nil || n != 2 {
			return TimelineAnswer{}, in.refuse("After", "is not the Next of a page")
		}
		in.params["after_time"], in.params["after_seq"] = at, seq
		where = append(where, "time <= "+instant("{after_time:Int64}"), "("+millis+", seq) < ({after_time:Int64}, {after_seq:UInt64})")
	}
	text := "SELECT " + new(eventRow).columns() + ", late, machine, repeat FROM events WHERE " + where.String() + " ORDER BY time DESC, seq DESC LIMIT {rows:UInt64}"
	var answer TimelineAnswer
	err = in.each(ctx, text, func(rows driver.Rows) error {
		var t TimelineEvent
		var row eventRow // its memory is the answer's
		if err := row.scan(rows, &t.Late, &t.Machine, &t.Repeat); err != nil {
			return err
		}
		t.Event, t.Seq = row.e, row.seq
		answer.Events = append(answer.Events, t)
		return nil
	})
	if err == nil && len(answer.Events) > in.scope.Limit {
		answer.Events = answer.Events[:in.scope.Limit]
		last := answer.Events[in.scope.Limit-1]
		answer.Next = fmt.Sprintf("%d.%d", last.Time, last.Seq)
	}
	return answer, err
}
