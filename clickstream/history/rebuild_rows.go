package history

import (
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"beckon/clickstream"
)

// eventRow reads rows of events as the records they were. It is reused from row to row.
type eventRow struct {
	e    clickstream.Event
	seq  uint64
	kind uint8

	consent, bot uint8

	ids, categories, reasons []string
	prices, quantities       []int64
	propensities             []float32
}

// columns are what read scans, in its order. Times come as the numbers they are: time.Time does not hold all of them.
func (r *eventRow) columns() string {
	return "toUnixTimestamp64Milli(time), toUnixTimestamp64Milli(received), " + quoteNames([]string{
		"seq", "site", "visitor", "id", "kind", "name", "user", "linked", "generated", "consent", "bot", "url", "ref", "title",
		"currency", "value", "transaction", "search_term", "placement", "rec_id", "props", "user_agent", "ip",
		"items.id", "items.price", "items.quantity", "items.category", "items.propensity", "items.reason",
	})
}

// scan reads the current row into e, and columns that stand behind it into more.
func (r *eventRow) scan(rows driver.Rows, more ...any) error {
	e := &r.e
	err := rows.Scan(append([]any{
		&e.Time, &e.Received, &r.seq, &e.Site, &e.Visitor, &e.ID, &r.kind, &e.Name, &e.User, &e.Linked, &e.Generated, &r.consent, &r.bot,
		&e.URL, &e.Ref, &e.Title, &e.Currency, &e.Value, &e.Transaction, &e.SearchTerm, &e.Placement, &e.RecID, &e.Props, &e.UserAgent, &e.IP,
		&r.ids, &r.prices, &r.quantities, &r.categories, &r.propensities, &r.reasons,
	}, more...)...)
	if err != nil {
		return err
	}
	e.Kind, e.Consent, e.Bot = clickstream.Kind(r.kind), clickstream.Consent(r.consent), clickstream.BotSign(r.bot)
	e.Items = e.Items[:0]
	for i := range r.ids {
		e.Items = append(e.Items, clickstream.Item{
			ID: r.ids[i], Price: r.prices[i], Quantity: r.quantities[i], Category: r.categories[i], Propensity: r.propensities[i], Reason: r.reasons[i],
		})
	}
	return nil
}

// read appends the current row's record to dst.
func (r *eventRow) read(rows driver.Rows, dst []byte) (seq uint64, payload []byte, err error) {
	if err := r.scan(rows); err != nil {
		return 0, dst, err
	}
	return r.seq, clickstream.AppendEvent(dst, &r.e), nil
}
