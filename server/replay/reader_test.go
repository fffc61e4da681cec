package replay

import (
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func readAll(t *testing.T, format, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "in")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := Open(name, format, "f")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out []byte
	for {
		out, err = r.Next(out)
		if errors.Is(err, io.EOF) {
			return string(out)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestFormatsBecomeImportLines(t *testing.T) {
	for _, c := range []struct{ format, in, want string }{
		{"native", "{\"a\":1}\r\n\n{\"a\":2}", "{\"a\":1}\n{\"a\":2}\n"},
		{"events-tsv", "1590884413000\t15354\t14742\n", `{"id":"f-1","name":"view_item","ts":1590884413000,"visitor":"f-15354","items":[{"item_id":"14742"}]}` + "\n"},
		{
			"sessions", "1 2\n3\n",
			`{"id":"f-1","name":"view_item","ts":1600000060000,"visitor":"f-1","items":[{"item_id":"1"}]}
{"id":"f-2","name":"view_item","ts":1600000070000,"visitor":"f-1","items":[{"item_id":"2"}]}
{"id":"f-3","name":"view_item","ts":1600000120000,"visitor":"f-2","items":[{"item_id":"3"}]}
`,
		},
		{
			"retailrocket", "timestamp,visitorid,event,itemid,transactionid\n10,7,view,5,\n11,7,transaction,5,99\n",
			`{"id":"f-2","name":"view_item","ts":10,"visitor":"f-7","items":[{"item_id":"5"}]}
{"id":"f-3","name":"purchase","ts":11,"visitor":"f-7","transaction_id":"f-99-5","items":[{"item_id":"5"}]}
`,
		},
		{
			"online-retail", `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
536365,85123A,"HEART, WHITE",6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
536365,POST,POSTAGE,1,2010-12-01 08:26:00,18.00,17850.0,United Kingdom
C536366,71053,WHITE METAL LANTERN,-2,2010-12-01 08:30:00,3.39,,United Kingdom
`,
			`{"id":"f-1","name":"purchase","ts":1291191960000,"visitor":"f-c17850","transaction_id":"f-536365","currency":"GBP","value":1530,"items":[{"item_id":"85123A","price":255,"quantity":6}]}
{"id":"f-2","name":"refund","ts":1291192200000,"visitor":"f-i536366","transaction_id":"f-536366","currency":"GBP","value":678,"items":[{"item_id":"71053","price":339,"quantity":2}]}
`,
		},
	} {
		if got := readAll(t, c.format, c.in); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.format, got, c.want)
		}
	}
}

func TestGzipIsReadAsItIs(t *testing.T) {
	var packed strings.Builder
	zw := gzip.NewWriter(&packed)
	io.WriteString(zw, "1\ts\ti\n")
	zw.Close()
	if got := readAll(t, "events-tsv", packed.String()); !strings.Contains(got, `"f-s"`) {
		t.Errorf("got %q", got)
	}
}

func TestBadFilesAreNamedWithTheirLine(t *testing.T) {
	for _, c := range []struct{ format, in, want string }{
		{"events-tsv", "1\ts\ti\nbroken\n", "line 2"},
		{"retailrocket", "a,b\n", "header"},
		{"retailrocket", "timestamp,visitorid,event,itemid,transactionid\n1,2,steal,3,\n", "steal"},
		{"nothing", "", "unknown format"},
	} {
		name := filepath.Join(t.TempDir(), "in")
		if err := os.WriteFile(name, []byte(c.in), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := Open(name, c.format, "f")
		for err == nil {
			_, err = r.Next(nil)
		}
		if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got error %q, want one with %q", c.format, err, c.want)
		}
	}
}
