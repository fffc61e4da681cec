package history

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ClickHouse/clickhouse-go/v2"

	"beckon/clickstream"
)

// anyEvent is a valid event, as odd as one can be.
func anyEvent(rng *rand.Rand, i int) clickstream.Event {
	text := func() string {
		switch rng.IntN(5) {
		case 0:
			return ""
		case 1:
			return fmt.Sprint("w", rng.IntN(20))
		case 2:
			return strings.Repeat("ä\x00'\\\n", rng.IntN(40))
		case 3:
			b := make([]byte, rng.IntN(300))
			for i := range b {
				b[i] = byte(rng.Uint32())
			}
			return string(b)
		}
		return fmt.Sprint("text ", rng.Uint32())
	}
	big := func() int64 {
		switch rng.IntN(4) {
		case 0:
			return 0
		case 1:
			return math.MinInt64 + rng.Int64N(3)
		case 2:
			return math.MaxInt64 - rng.Int64N(3)
		}
		return rng.Int64N(1_000_000) - 500_000
	}
	e := clickstream.Event{
		Site: fmt.Sprint("s", rng.IntN(3)), Visitor: text(), ID: text(), Kind: clickstream.Kind(rng.IntN(24)),
		Time: 1_790_000_000_000 - rng.Int64N(200*86_400_000), Received: 1_790_000_000_000 + rng.Int64N(1000), User: text(),
		Linked: rng.IntN(2) == 0, Consent: clickstream.Consent(rng.IntN(4)), Bot: clickstream.BotSign(rng.IntN(8)), URL: text(), Ref: text(), Title: text(),
		Currency: text(), Value: big(), Transaction: text(), SearchTerm: text(), Placement: text(), RecID: text(), Props: text(), UserAgent: text(), IP: text(),
		Generated: rng.IntN(2) == 0,
	}
	if e.Name = e.Kind.String(); e.Kind == clickstream.Custom {
		e.Name = fmt.Sprint("custom_", i%40000) // more than 16 bits of a dictionary need a larger test; see TestDictionariesOfEveryWidth
	}
	for range rng.IntN(5) {
		it := clickstream.Item{ID: text(), Price: clickstream.NoPrice, Quantity: 1, Category: text(), Reason: text(), Propensity: rng.Float32()}
		if rng.IntN(2) == 0 {
			it.Price, it.Quantity = rng.Int64N(1<<40), big()
		}
		e.Items = append(e.Items, it)
	}
	return e
}

// rowsOf is a block of events as it is sent, and the events' records by Seq.
func rowsOf(events []clickstream.Event) (tableRows, []string) {
	b := newEventBlock()
	var records []string
	for i := range events {
		records = append(records, string(clickstream.AppendEvent(nil, &events[i])))
		b.add(&events[i], &place{seq: uint64(i), partition: i % 7, offset: uint64(i), time: 1}, found{i%2 == 0, i%3 == 0, i%5 == 0})
	}
	return encodeRows("events", &b.rowBlock, "token"), records
}

func TestEveryEventComesBackByteForByte(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{1, 300, 5000} {
		events := make([]clickstream.Event, n)
		for i := range events {
			events[i] = anyEvent(rng, i)
		}
		rows, records := rowsOf(events)
		for way, send := range map[string]func(db *DB) error{
			"encoded": func(db *DB) error { return rows.send(t.Context(), db) },
			"columns": func(db *DB) error {
				ctx := clickhouse.Context(t.Context(), clickhouse.WithSettings(insertSettings("token")))
				return rows.sendBatch(ctx, db, "INSERT INTO events ("+quoteNames(rows.names)+")")
			},
		} {
			t.Run(fmt.Sprint(way, " ", n), func(t *testing.T) {
				db := testDB(t)
				if err := send(db); err != nil {
					t.Fatal(err)
				}
				var row eventRow
				got, err := db.Query(t.Context(), "SELECT "+row.columns()+", late, machine, repeat FROM events ORDER BY seq")
				if err != nil {
					t.Fatal(err)
				}
				defer got.Close()
				i := 0
				for ; got.Next(); i++ {
					var f found
					if err := row.scan(got, &f.late, &f.machine, &f.repeat); err != nil {
						t.Fatal(err)
					}
					if back := string(clickstream.AppendEvent(nil, &row.e)); row.seq != uint64(i) || back != records[i] {
						t.Fatalf("event %d: got %q, want %q", i, back, records[i])
					}
					if want := (found{i%2 == 0, i%3 == 0, i%5 == 0}); f != want {
						t.Fatalf("event %d: found %+v, want %+v", i, f, want)
					}
				}
				if err := got.Err(); err != nil || i != n {
					t.Errorf("got %d rows, %v, want %d", i, err, n)
				}
			})
		}
	}
}

func TestDictionariesOfEveryWidth(t *testing.T) {
	db := testDB(t)
	for _, n := range []int{1, 254, 255, 256, 257, 65_535, 65_536, 65_537} {
		b := newLetterBlock()
		for i := range n {
			b.add(fmt.Sprint("site", i), &place{seq: uint64(i), payload: "p"})
		}
		rows := encodeRows("dead_letters", &b.rowBlock, fmt.Sprint("token", n))
		if err := rows.send(t.Context(), db); err != nil {
			t.Fatalf("%d: %v", n, err)
		}
		if got := number(t, db, "SELECT uniqExact(site) FROM dead_letters WHERE site = concat('site', toString(seq))"); got != int64(n) {
			t.Errorf("got %d different of %d", got, n)
		}
	}
}

func TestBlocksAreUsedAgain(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	events := []clickstream.Event{anyEvent(rng, 0), anyEvent(rng, 1), anyEvent(rng, 2)}
	b := newEventBlock()
	add := func() []byte {
		for i := range events {
			b.add(&events[i], &place{seq: 1}, found{})
		}
		return b.appendNative(nil)
	}
	first := add()
	b.reset()
	if again := add(); string(again) != string(first) {
		t.Error("the second block differs from the first")
	}
	if size := b.bytes(); size < len(first) {
		t.Errorf("said %d bytes, took %d", size, len(first))
	}
}
