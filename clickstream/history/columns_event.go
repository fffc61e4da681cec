package history

import "beckon/clickstream"

// Types of columns.
const (
	kindTime   = "DateTime64(3, 'UTC')"
	kindString = "String"
)

func newFixed(name, kind string) *fixed { return &fixed{named: named{name, kind}} }
func newTime(name string) *fixed        { return newFixed(name, kindTime) }
func newText(name string) *text         { return &text{named: named{name, kindString}} }

func newLists[C nativeColumn](values C) *lists[C] { return &lists[C]{values: values} }

// eventBlock is rows of the table events. The strings it is given must stay as they are until reset.
type eventBlock struct {
	rowBlock

	site, name                       *words
	kind, consent, bot               *fixed
	time, received                   *fixed
	visitor, id                      *text
	seq, partition, offset           *fixed
	user                             *text
	linked, generated                *fixed
	url, ref, title                  *text
	currency                         *words
	value                            *fixed
	transaction, searchTerm          *text
	placement                        *words
	recID, props                     *text
	userAgent                        *words
	ip                               *text
	ids                              *lists[*text]
	prices, quantities, propensities *lists[*fixed]
	categories, reasons              *lists[*words]
	late, machine, repeat            *fixed
}

func newEventBlock() *eventBlock {
	b := &eventBlock{
		site: newWords("site"), name: newWords("name"), kind: newFixed("kind", "UInt8"), time: newTime("time"), received: newTime("received"),
		visitor: newText("visitor"), id: newText("id"),
		seq: newFixed("seq", "UInt64"), partition: newFixed("partition", "UInt16"), offset: newFixed("offset", "UInt64"),
		user: newText("user"), linked: newFixed("linked", "Bool"), generated: newFixed("generated", "Bool"),
		consent: newFixed("consent", "UInt8"), bot: newFixed("bot", "UInt8"), url: newText("url"), ref: newText("ref"), title: newText("title"),
		currency: newWords("currency"), value: newFixed("value", "Int64"), transaction: newText("transaction"), searchTerm: newText("search_term"),
		placement: newWords("placement"), recID: newText("rec_id"), props: newText("props"), userAgent: newWords("user_agent"), ip: newText("ip"),
		ids: newLists(newText("items.id")), prices: newLists(newFixed("items.price", "Int64")), quantities: newLists(newFixed("items.quantity", "Int64")),
		categories: newLists(newWords("items.category")), propensities: newLists(newFixed("items.propensity", "Float32")), reasons: newLists(newWords("items.reason")),
		late: newFixed("late", "Bool"), machine: newFixed("machine", "Bool"), repeat: newFixed("repeat", "Bool"),
	}
	b.columns = []nativeColumn{
		b.site, b.name, b.kind, b.time, b.received, b.visitor, b.id, b.seq, b.partition, b.offset, b.user, b.linked, b.generated, b.consent, b.bot,
		b.url, b.ref, b.title, b.currency, b.value, b.transaction, b.searchTerm, b.placement, b.recID, b.props, b.userAgent, b.ip,
		b.ids, b.prices, b.quantities, b.categories, b.propensities, b.reasons, b.late, b.machine, b.repeat,
	}
	return b
}

// found is what the folds found of an event.
type found struct{ late, machine, repeat bool }

// add appends a row.
func (b *eventBlock) add(e *clickstream.Event, p *place, f found) {
	b.rows++
	b.site.add(e.Site)
	b.name.add(e.Name)
	b.kind.u8(uint8(e.Kind))
	b.time.i64(e.Time)
	b.received.i64(e.Received)
	b.visitor.add(e.Visitor)
	b.id.add(e.ID)
	b.seq.u64(p.seq)
	b.partition.u16(uint16(p.partition))
	b.offset.u64(p.offset)
	b.user.add(e.User)
	b.linked.bool(e.Linked)
	b.generated.bool(e.Generated)
	b.consent.u8(uint8(e.Consent))
	b.bot.u8(uint8(e.Bot))
	b.url.add(e.URL)
	b.ref.add(e.Ref)
	b.title.add(e.Title)
	b.currency.add(e.Currency)
	b.value.i64(e.Value)
	b.transaction.add(e.Transaction)
	b.searchTerm.add(e.SearchTerm)
	b.placement.add(e.Placement)
	b.recID.add(e.RecID)
	b.props.add(e.Props)
	b.userAgent.add(e.UserAgent)
	b.ip.add(e.IP)
	for i := range e.Items {
		it := &e.Items[i]
		b.ids.values.add(it.ID)
		b.prices.values.i64(it.Price)
		b.quantities.values.i64(it.Quantity)
		b.categories.values.add(it.Category)
		b.propensities.values.f32(it.Propensity)
		b.reasons.values.add(it.Reason)
	}
	n := len(e.Items)
	b.ids.row(n)
	b.prices.row(n)
	b.quantities.row(n)
	b.categories.row(n)
	b.propensities.row(n)
	b.reasons.row(n)
	b.late.bool(f.late)
	b.machine.bool(f.machine)
	b.repeat.bool(f.repeat)
}
