package clickstream

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// bodies writes random bodies that are mostly right: fuzzing by bytes seldom gets past the syntax, this seldom fails it.
type bodies struct {
	r *rand.Rand
	b strings.Builder
}

func (g *bodies) pick(of ...string) string { return of[g.r.IntN(len(of))] }

func (g *bodies) space() {
	if g.r.IntN(20) == 0 {
		g.b.WriteString(g.pick(" ", "\n\t", "  \r\n"))
	}
}

// odd is any JSON value.
func (g *bodies) odd() string {
	return g.pick(`null`, `true`, `false`, `0`, `-1`, `1.5`, `1e2`, `""`, `"x"`, `[]`, `{}`, `[1,{"a":[]}]`, `{"a":{"b":"}"}}`, `9223372036854775808`,
		`"é\u00e9"`, `12345678901234567890123`, `-0`, `0.0`, `"\ud83d\ude00"`, `"\ud83d"`, `"`+strings.Repeat("a", 70)+`"`, `"`+strings.Repeat("b", 300)+`"`)
}

func (g *bodies) value(of ...string) string {
	if g.r.IntN(25) == 0 {
		return g.odd()
	}
	return g.pick(of...)
}

// object writes members of the given keys, each with a value of its function, in any order, some twice, some not at all.
func (g *bodies) object(keys []string, value func(key string)) {
	g.b.WriteByte('{')
	g.space()
	first := true
	for _, k := range g.r.Perm(len(keys)) {
		for range max(1-g.r.IntN(30)/29, g.r.IntN(60)/58) {
			if !first {
				g.b.WriteByte(',')
				g.space()
			}
			first = false
			key := keys[k]
			if g.r.IntN(100) == 0 {
				key = fmt.Sprintf(`\u%04x%s`, key[0], key[1:])
			}
			g.b.WriteString(`"` + key + `"`)
			g.space()
			g.b.WriteByte(':')
			g.space()
			value(keys[k])
			g.space()
		}
	}
	g.b.WriteByte('}')
}

func (g *bodies) array(n int, element func()) {
	g.b.WriteByte('[')
	for i := range n {
		if i > 0 {
			g.b.WriteByte(',')
		}
		g.space()
		element()
	}
	g.b.WriteByte(']')
}

func (g *bodies) body() string {
	g.b.Reset()
	g.object([]string{"sent_at", "visitor", "consent", "events", "unknown"}, func(key string) {
		switch key {
		case "sent_at":
			g.b.WriteString(g.value(`1790000000500`))
		case "visitor":
			g.b.WriteString(g.pick(`"v_1"`, `"v_1"`, `"v_1"`, `null`, `""`, `"a b"`))
		case "consent":
			g.b.WriteString(g.pick(`{"analytics":true,"personalization":true}`, `{"personalization":false}`, `{}`, `null`))
		case "events":
			if g.r.IntN(50) == 0 {
				g.b.WriteString(g.odd())
				return
			}
			g.array(g.r.IntN(5), g.event)
		default:
			g.b.WriteString(g.odd())
		}
	})
	s := g.b.String()
	if g.r.IntN(40) == 0 { // damage the syntax, or not
		i := g.r.IntN(len(s))
		s = s[:i] + g.pick("", ",", "}", "]", `"`, "\\", "0", "\x01", " ") + s[i+g.r.IntN(2):]
	}
	return s
}

func (g *bodies) event() {
	if g.r.IntN(40) == 0 {
		g.b.WriteString(g.odd())
		return
	}
	g.object([]string{
		"id", "name", "ts", "user", "page", "items", "currency", "value", "transaction_id", "search_term", "placement", "rec_id", "props", "consent", "visitor", "ip", "x",
	}, func(key string) {
		switch key {
		case "id":
			g.b.WriteString(g.value(`"e_1"`, `"01J:a.b-c"`))
		case "name":
			g.b.WriteString(g.value(`"view_item"`, `"purchase"`, `"refund"`, `"search"`, `"Product Viewed"`, `"my own"`, `"page_view"`))
		case "ts":
			g.b.WriteString(g.value(`1790000000000`, `1790000000000`, `1790000000000`, `1790000060501`, `1787400000000`))
		case "page":
			g.object([]string{"url", "ref", "title", "other"}, func(string) {
				g.b.WriteString(g.value(`"https://shop/p?a=1&token=x#y"`, `""`, `"K\u00e4se \"1\""`))
			})
		case "items":
			if g.r.IntN(20) == 0 {
				g.b.WriteString(g.odd())
				return
			}
			g.array(g.r.IntN(3), g.item)
		case "currency":
			g.b.WriteString(g.value(`"EUR"`, `"JPY"`, `""`))
		case "value":
			g.b.WriteString(g.value(`1999`, `0`, `9007199254740992`))
		case "props":
			g.b.WriteString(g.value(`{}`, `{ "a" : [1, 2] }`, `null`))
		case "consent":
			g.b.WriteString(g.pick(`{"analytics":true}`, `{"personalization":false}`, `{}`, `null`, `{"analytics":true,"personalization":true}`, `{"analytics":false}`))
		case "x":
			g.b.WriteString(g.odd())
		default:
			g.b.WriteString(g.value(`"abc"`, `""`, `null`))
		}
	})
}

func (g *bodies) item() {
	if g.r.IntN(60) == 0 {
		g.b.WriteString(g.odd())
		return
	}
	g.object([]string{"item_id", "price", "quantity", "category", "propensity", "reason", "y"}, func(key string) {
		switch key {
		case "item_id":
			g.b.WriteString(g.value(`"sku-1"`, `"a"`))
		case "price":
			g.b.WriteString(g.value(`1999`, `0`, `null`, `1000000000000`))
		case "quantity":
			g.b.WriteString(g.value(`1`, `2`, `null`, `1000000`))
		case "propensity":
			g.b.WriteString(g.value(`0.25`, `1`, `1e-3`, `0`))
		case "reason":
			g.b.WriteString(g.value(`"trending"`, `{"kind":"pinned","because":["a"]}`))
		case "category":
			g.b.WriteString(g.value(`"tea"`, `"caf\u00e9"`))
		default:
			g.b.WriteString(g.odd())
		}
	})
}

func TestRandomBodiesReadAsEncodingJSONReadsThem(t *testing.T) {
	g := bodies{r: rand.New(rand.NewPCG(1, 2))}
	var p Parser
	var d Decoded
	compared, taken, refused := 0, 0, 0
	codes := map[string]int{}
	for range 6_000 {
		body := g.body()
		if agree(t, &p, &d, body) {
			compared++
			taken += len(d.Events)
			if len(d.Events)+len(d.Rejected) == 0 {
				refused++
			}
			for _, r := range d.Rejected {
				codes[r.Code]++
			}
		}
		if t.Failed() {
			t.Fatalf("body %s", body)
		}
	}
	t.Logf("%d bodies compared, %d events taken, %d bodies empty or refused, rejections %v", compared, taken, refused, codes)
	if compared < 5_000 || taken < 600 || len(codes) < 12 {
		t.Error("the bodies do not reach what they are for")
	}
}
