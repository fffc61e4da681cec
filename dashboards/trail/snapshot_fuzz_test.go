package trail

import (
	"bytes"
	"testing"

	"beckon/clickstream"
)

func FuzzRestore(f *testing.F) {
	var seed bytes.Buffer
	small := New(Config{})
	if err := small.ApplyFacts(made(10, 50, 5, 1)); err != nil {
		f.Fatal(err)
	}
	if err := small.Snapshot(&seed); err != nil {
		f.Fatal(err)
	}
	f.Add(seed.Bytes())
	f.Fuzz(func(t *testing.T, text []byte) {
		fold := New(Config{})
		if fold.Restore(bytes.NewReader(text)) != nil {
			return
		}
		for name := range fold.sites { // whatever was taken can be asked and grows on
			fold.Funnel(name, FunnelAsk{Scope{From: -1 << 62, To: 1 << 62}, []clickstream.Kind{clickstream.ViewItem}, 1, BySource})
		}
		if err := fold.ApplyFacts(made(11, 10, 2, 1)); err != nil {
			t.Fatal(err)
		}
	})
}
