package clickstream

import (
	"fmt"
	"sync"
	"testing"
	"unique"
)

func TestItemNamesAreTheHandlesOfTheirTexts(t *testing.T) {
	const texts = 3 << itemBits // every place is fought for
	table := newItemNames()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range texts {
				text := fmt.Sprint("sku-", (i*7+g)%texts)
				if h := table.handle(text); h != unique.Make(text) {
					t.Errorf("handle of %q is %q's", text, h.Value())
					return
				}
			}
		})
	}
	wg.Wait()
	var none *itemNames
	if h := none.handle("a"); h != unique.Make("a") || table.handle("") != unique.Make("") {
		t.Errorf("handles without a table or without a text differ")
	}
}

func BenchmarkItemNames(b *testing.B) {
	texts := make([]string, 4096)
	for i := range texts {
		texts[i] = fmt.Sprint("sku-", i)
	}
	for _, c := range []struct {
		name  string
		table *itemNames
	}{{"table", newItemNames()}, {"unique", nil}} {
		b.Run(c.name, func(b *testing.B) {
			i := 0
			for b.Loop() {
				c.table.handle(texts[i&4095])
				i++
			}
		})
	}
}
