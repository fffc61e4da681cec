package clickstream

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// describeDecoded is d as the golden files hold it: what is set, one event a paragraph.
func describeDecoded(d *Decoded) string {
	var b strings.Builder
	fmt.Fprintf(&b, "visitor %q sent %d\n", d.Visitor, d.SentAt)
	for i := range d.Events {
		e := &d.Events[i]
		fmt.Fprintf(&b, "\n%s %q kind %d\n  visitor %s time %d", e.ID, e.Name, e.Kind, e.Visitor, e.Time)
		fmt.Fprintf(&b, "\n  consent %02b linked %v", e.Consent, e.Linked)
		for _, f := range [][2]string{
			{"user", e.User},
			{"url", e.URL},
			{"ref", e.Ref},
			{"title", e.Title},
			{"transaction", e.Transaction},
			{"term", e.SearchTerm},
			{"props", e.Props},
			{"agent", e.UserAgent},
			{"ip", e.IP},
		} {
			if f[1] != "" {
				fmt.Fprintf(&b, "\n  %s %s", f[0], f[1])
			}
		}
		if e.Currency != "" || e.Value != 0 {
			fmt.Fprintf(&b, "\n  value %d %s", e.Value, e.Currency)
		}
		for _, it := range e.Items {
			fmt.Fprintf(&b, "\n  item %s price %d quantity %d %s", it.ID, it.Price, it.Quantity, it.Category)
		}
		b.WriteByte('\n')
	}
	for _, r := range d.Rejected {
		fmt.Fprintf(&b, "\nrejected %d %s: %s: %s\n  %s\n", r.Index, r.ID, r.Code, r.Message, strings.Join(strings.Fields(r.Raw), " "))
	}
	return b.String()
}

// The payloads are written after the examples of Segment's and Google's public documentation.
func TestForeignPayloadsGiveTheseEvents(t *testing.T) {
	server := browserSource()
	server.Secret, server.UserAgent, server.IP = true, "shop-backend", "192.0.2.1"
	for name, src := range map[string]*Source{
		"segment_batch": server, "segment_track": server, "ga4_mp": server, "ga4_datalayer": browserSource(),
	} {
		body, err := os.ReadFile("testdata/intake/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		first := parseBody(t, string(body), src)
		compareGolden(t, "testdata/intake/"+name+".golden.txt", describeDecoded(first))
		later := *src
		later.Received += 5000
		again := parseBody(t, string(body), &later)
		for i := range first.Events {
			if first.Events[i].ID != again.Events[i].ID {
				t.Errorf("%s: sent again, event %d has id %s, before %s", name, i, again.Events[i].ID, first.Events[i].ID)
			}
		}
	}
}

func TestDecimalPricesWithoutCurrencyTakeTheSites(t *testing.T) {
	body := bodyWith(`"name":"view_item","ecommerce":{"value":19.995,"items":[{"item_id":"a","price":19.995}]}`)
	for _, c := range []struct {
		currency, want string
		price          int64
	}{{"", "", 2000}, {"JPY", "JPY", 20}, {"KWD", "KWD", 19995}, {"EUR", "EUR", 2000}} {
		src := browserSource()
		src.Currency = c.currency
		e := parseOne(t, body, src)
		if e.Currency != c.want || e.Items[0].Price != c.price || e.Value != c.price {
			t.Errorf("%q: got %d %s, want %d %s", c.currency, e.Items[0].Price, e.Currency, c.price, c.want)
		}
	}
}

func TestEveryKindHasItsName(t *testing.T) {
	for k := Custom + 1; k < kinds; k++ {
		if got := KindOf(k.String()); got != k {
			t.Errorf("KindOf(%q) = %d, want %d", k.String(), got, k)
		}
	}
	for _, name := range []string{"", "purchases", "View_Item", "scroll"} {
		if got := KindOf(name); got != Custom {
			t.Errorf("KindOf(%q) = %v, want a custom event", name, got)
		}
	}
}
