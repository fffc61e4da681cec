package history

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Questions answers what merchandisers and analysts ask of the history. It is safe for concurrent use.
//
// Every answer follows from the rows that are stored when it is asked: late events count, repeated purchases do not, and one site never
// sees another's rows. Errors are *AskError for an ask that cannot be answered, *TooLargeError and *TimeoutError for one that is too
// wide, ctx's own, and what ClickHouse says.
type Questions struct {
	conn   driver.Conn
	cfg    QuestionsConfig
	single bool // no cluster: GLOBAL means nothing, and costs
}

// QuestionsConfig bounds what one question may cost. Zero fields are defaults.
type QuestionsConfig struct {
	MaxRows     uint64        // read by a statement; 2,000 M
	MaxBytes    uint64        // read by a statement, uncompressed; 100 GB
	MemoryBytes uint64        // used by a statement; 0: what the ClickHouse allows
	Timeout     time.Duration // when the ask names none; 5 s
	FastRows    int64         // events that a Fast ask may touch before it looks at fewer visitors; 500,000
	Only        int           // visitors of Scope.Only that a statement names; 5,000
}

// Bounds of every ask.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
	MaxTimeout   = time.Minute
)

// NewQuestions asks the database that conn is connected to. A conn that is no *DB may be one of a cluster.
func NewQuestions(conn driver.Conn, cfg QuestionsConfig) *Questions {
	cfg.MaxRows = cmp.Or(cfg.MaxRows, 2_000_000_000)
	cfg.MaxBytes = cmp.Or(cfg.MaxBytes, 100_000_000_000)
	cfg.Timeout = cmp.Or(cfg.Timeout, 5*time.Second)
	cfg.FastRows = cmp.Or(cfg.FastRows, 500_000)
	cfg.Only = cmp.Or(cfg.Only, 5000)
	db, ok := conn.(interface{ Cluster() string })
	return &Questions{conn, cfg, ok && db.Cluster() == ""}
}

// Scope is what all asks share: whose rows, of when, and how much the answer may cost.
type Scope struct {
	Site     string
	From, To int64 // Unix ms of event time, not negative: From counts, To does not

	// Device is desktop, mobile, tablet or other: only what was done on it counts. "" is all.
	Device string
	// Source is where a visitor came from: the source of the earliest event in the range that did not come from the site itself, or
	// direct. Only those visitors count. "" is all.
	Source   string
	Machines bool // count machines too

	// Only are visitors by clickstream.VisitorHash, in any order: nobody else counts. nil is all. Funnels and paths know it. Of more than
	// QuestionsConfig.Only those with the lowest hashes stand for all; the answer's OneIn says for how many each.
	Only []uint64

	// Fast answers a range with many events from one visitor in 16, 32, 64 … and scales the counts; the answer's OneIn says so. The
	// standard error of a count n of visitors is then about √(n × OneIn). Questions about items, orders and rows are always exact.
	Fast bool

	Limit   int           // rows of the answer's lists; DefaultLimit, at most MaxLimit
	Timeout time.Duration // at most MaxTimeout
}

// Breakdown splits an answer.
type Breakdown string

// Breakdowns, with the meanings that Scope gives the two words.
const (
	Whole    Breakdown = ""
	ByDevice Breakdown = "device"
	BySource Breakdown = "source"
)

// inquiry is one ask on its way: its statements share parameters and bounds.
type inquiry struct {
	*Questions
	name   string
	scope  Scope
	params map[string]any
	oneIn  int64
	weight uint64 // what an event costs this question beside others, for Fast; 1 if zero
	person bool   // it is about one visitor, whom a skip index finds
}

// ask checks the scope.
func (q *Questions) ask(name string, s Scope) (*inquiry, error) {
	in := &inquiry{Questions: q, name: name, params: map[string]any{}, oneIn: 1}
	switch {
	case s.Site == "":
		return nil, in.refuse("Site", "is missing")
	case s.From < 0 || s.To <= s.From || s.To > maxTime:
		return nil, in.refuse("To", "must be after From, both Unix ms between 1970 and 2200")
	case s.Limit < 0 || s.Limit > MaxLimit:
		return nil, in.refuse("Limit", "must be in 0-"+strconv.Itoa(MaxLimit))
	case s.Timeout < 0 || s.Timeout > MaxTimeout:
		return nil, in.refuse("Timeout", "must be in 0-"+MaxTimeout.String())
	case s.Only != nil && name != "funnel" && name != "paths before purchase":
		return nil, in.refuse("Only", "is known to funnels and paths alone")
	}
	s.Limit = cmp.Or(s.Limit, DefaultLimit)
	s.Timeout = cmp.Or(s.Timeout, q.cfg.Timeout)
	in.scope = s
	in.params["site"], in.params["from"], in.params["to"], in.params["limit"] = s.Site, s.From, s.To, s.Limit
	return in, nil
}

// maxTime is 2200-01-01, inside what DateTime64(3) holds.
const maxTime = 7_258_118_400_000

func (in *inquiry) refuse(field, reason string) error { return &AskError{in.name, field, reason} }

// refuseFields names the first filter that is set and that this question does not know.
func (in *inquiry) refuseFields(device, source, machines bool) error {
	switch {
	case device && in.scope.Device != "":
		return in.refuse("Device", "is not known of what this question counts")
	case source && in.scope.Source != "":
		return in.refuse("Source", "is not known of what this question counts")
	case machines && in.scope.Machines:
		return in.refuse("Machines", "are not in what this question counts")
	}
	return nil
}

// settings bound a statement. Indexes are not asked about sets of visitors: it costs more than it saves.
func (in *inquiry) settings() clickhouse.Settings {
	s := clickhouse.Settings{
		"timeout_overflow_mode": "throw",
		"max_rows_to_read":      in.cfg.MaxRows, "max_bytes_to_read": in.cfg.MaxBytes, "read_overflow_mode": "throw",
		"use_index_for_in_with_subqueries": 0,
	}
	if !in.person {
		s["use_skip_indexes"] = 0
	}
	if in.cfg.MemoryBytes > 0 {
		s["max_memory_usage"] = in.cfg.MemoryBytes
	}
	return s
}

// each runs a statement and calls row for every row of its answer.
func (in *inquiry) each(ctx context.Context, text string, row func(rows driver.Rows) error) error {
	// ClickHouse's own clock should strike first: its answer says more. The deadline is for one that does not answer.
	bounded, cancel := context.WithTimeout(ctx, in.scope.Timeout+time.Second)
	defer cancel()
	if in.single {
		text = strings.ReplaceAll(text, "GLOBAL ", "")
	}
	// The driver sets max_execution_time from the deadline, and too late: only the statement's own settings come after it.
	text += "\nSETTINGS max_execution_time = " + strconv.FormatFloat(in.scope.Timeout.Seconds(), 'f', 3, 64)
	rows, err := in.conn.Query(clickhouse.Context(bounded, clickhouse.WithSettings(in.settings())), text, in.args(text)...)
	if err != nil {
		return in.explain(ctx, err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return fmt.Errorf("%s: %w", in.name, err)
		}
	}
	if err := rows.Err(); err != nil {
		return in.explain(ctx, err)
	}
	return nil
}

// args are the parameters that a statement names.
func (in *inquiry) args(text string) []any {
	var args []any
	for name, value := range in.params {
		if strings.Contains(text, "{"+name+":") {
			args = append(args, driver.NamedValue{Name: name, Value: value})
		}
	}
	return args
}
