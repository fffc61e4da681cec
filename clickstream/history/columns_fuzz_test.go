package history

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"

	"beckon/clickstream"
)

// decodeRows reads a block as the driver does, and makes events of its rows.
func decodeRows(t *testing.T, native []byte) []clickstream.Event {
	t.Helper()
	b := proto.Block{ServerContext: &column.ServerContext{Timezone: time.UTC}}
	if err := b.Decode(chproto.NewReader(bytes.NewReader(native)), 0); err != nil {
		t.Fatal(err)
	}
	at := map[string]column.Interface{}
	for i, name := range b.ColumnsNames() {
		at[name] = b.Columns[i]
	}
	var list []clickstream.Event
	for i := range b.Rows() {
		text := func(name string) string { return at[name].Row(i, false).(string) }
		u8 := func(name string) uint8 { return at[name].Row(i, false).(uint8) }
		ms := func(name string) int64 { return at[name].Row(i, false).(time.Time).UnixMilli() }
		e := clickstream.Event{
			Site: text("site"), Name: text("name"), Kind: clickstream.Kind(u8("kind")), Time: ms("time"), Received: ms("received"),
			Visitor: text("visitor"), ID: text("id"), User: text("user"), Linked: at["linked"].Row(i, false).(bool),
			Generated: at["generated"].Row(i, false).(bool), Consent: clickstream.Consent(u8("consent")), Bot: clickstream.BotSign(u8("bot")),
			URL: text("url"), Ref: text("ref"), Title: text("title"), Currency: text("currency"), Value: at["value"].Row(i, false).(int64),
			Transaction: text("transaction"), SearchTerm: text("search_term"), Placement: text("placement"), RecID: text("rec_id"), Props: text("props"),
			UserAgent: text("user_agent"), IP: text("ip"),
		}
		ids, prices, quantities := at["items.id"].Row(i, false).([]string), at["items.price"].Row(i, false).([]int64), at["items.quantity"].Row(i, false).([]int64)
		categories, reasons := at["items.category"].Row(i, false).([]string), at["items.reason"].Row(i, false).([]string)
		propensities := at["items.propensity"].Row(i, false).([]float32)
		for k := range ids {
			e.Items = append(e.Items, clickstream.Item{
				ID: ids[k], Price: prices[k], Quantity: quantities[k], Category: categories[k], Reason: reasons[k], Propensity: propensities[k],
			})
		}
		list = append(list, e)
	}
	return list
}

// FuzzEventsThroughColumns checks that what the driver reads of a block is what the events were.
func FuzzEventsThroughColumns(f *testing.F) {
	rng := rand.New(rand.NewPCG(9, 9))
	for i := range 5 {
		e := anyEvent(rng, i)
		f.Add(clickstream.AppendEvent(nil, &e))
	}
	other := anyEvent(rng, 7)
	f.Fuzz(func(t *testing.T, data []byte) {
		var e clickstream.Event
		if err := clickstream.DecodeEvent(string(data), &e); err != nil {
			return
		}
		// The driver's time.Time holds less than the column: the years 1678 to 2261.
		const most = int64(9e12)
		if e.Time < -most || e.Time > most || e.Received < -most || e.Received > most {
			return
		}
		events := []clickstream.Event{e, other, e}
		rows, records := rowsOf(events)
		back := decodeRows(t, rows.native)
		if len(back) != len(events) {
			t.Fatalf("got %d rows", len(back))
		}
		for i := range back {
			if got := string(clickstream.AppendEvent(nil, &back[i])); got != records[i] {
				t.Fatalf("row %d: got %q, want %q", i, got, records[i])
			}
		}
	})
}
