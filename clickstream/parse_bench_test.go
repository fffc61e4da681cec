package clickstream

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/valyala/fastjson"
)

// fiveEvents is a body as the beacon sends it while a shopper looks around: five events, 650 bytes.
func fiveEvents() string {
	var b strings.Builder
	b.WriteString(`{"sent_at":1790000000500,"visitor":"v_01JD8Z6N3W","events":[`)
	for i := range 5 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":"01JD8Z6N3WQ%d","name":"view_item","ts":%d,"items":[{"item_id":"sku-%d","price":1999}],"currency":"EUR"}`,
			i, 1790000000000+i, 100+i)
	}
	b.WriteString(`]}`)
	return b.String()
}

func BenchmarkBody(b *testing.B) {
	body := fiveEvents()
	b.Logf("%d bytes", len(body))
	b.Run("ours", func(b *testing.B) {
		var p Parser
		var d Decoded
		src := browserSource()
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			if err := p.Body(body, src, &d); err != nil || len(d.Events) != 5 {
				b.Fatal(err, len(d.Events), d.Rejected)
			}
		}
	})
	b.Run("documented", func(b *testing.B) {
		var p Parser
		var d Decoded
		src := browserSource()
		b.ReportAllocs()
		b.SetBytes(int64(len(documented)))
		for b.Loop() {
			if err := p.Body(documented, src, &d); err != nil || len(d.Events) != 1 {
				b.Fatal(err, d.Rejected)
			}
		}
	})
	// The two below only read the syntax into values: no rule is checked, no time corrected.
	b.Run("encodingjson", func(b *testing.B) {
		data := []byte(body)
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			var v plainBody
			if err := json.Unmarshal(data, &v); err != nil || len(v.Events) != 5 {
				b.Fatal(err)
			}
		}
	})
	b.Run("fastjson", func(b *testing.B) {
		var p fastjson.Parser
		b.ReportAllocs()
		b.SetBytes(int64(len(body)))
		for b.Loop() {
			v, err := p.Parse(body)
			if err != nil {
				b.Fatal(err)
			}
			for _, e := range v.GetArray("events") {
				_, _, _, _ = e.GetStringBytes("id"), e.GetStringBytes("name"), e.GetInt64("ts"), e.GetStringBytes("currency")
				for _, it := range e.GetArray("items") {
					_, _ = it.GetStringBytes("item_id"), it.GetInt64("price")
				}
			}
		}
	})
}

type plainBody struct {
	SentAt  int64  `json:"sent_at"`
	Visitor string `json:"visitor"`
	Consent struct {
		Analytics       bool `json:"analytics"`
		Personalization bool `json:"personalization"`
	} `json:"consent"`
	Events []struct {
		ID    string `json:"id"`
		Name  string `json:"name"`
		TS    int64  `json:"ts"`
		User  string `json:"user"`
		Items []struct {
			ID       string `json:"item_id"`
			Price    int64  `json:"price"`
			Quantity int64  `json:"quantity"`
			Category string `json:"category"`
		} `json:"items"`
		Currency string          `json:"currency"`
		Value    int64           `json:"value"`
		Props    json.RawMessage `json:"props"`
	} `json:"events"`
}
