package clickstream

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
)

// typicalEvent is an event as a shop sends it most.
func typicalEvent() Event {
	return Event{
		Site: "shop", Visitor: "v_01JD8Z6N3W", ID: "01JD8Z6N3WQ0XK4T", Kind: ViewItem, Name: "view_item",
		Time: 1790000000500, Received: 1790000001000, Consent: Analytics | Personalization,
		URL: "https://shop.example/p/kettle", Ref: "https://shop.example/", Title: "Kettle",
		Items: []Item{{ID: "sku-1", Price: 1999, Quantity: 1, Category: "kitchen"}}, Currency: "EUR", Value: 1999,
		UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", IP: "203.0.113.0",
	}
}

// fullEvent has every field, with values that need their longest forms.
func fullEvent() Event {
	return Event{
		Site: "s", Visitor: "v", ID: "i", Kind: Custom, Name: "spun_the_wheel", Time: math.MinInt64, Received: math.MaxInt64,
		User: "c-42", Linked: true, Consent: Analytics, Bot: BotAgent | BotNoJS, URL: "u", Ref: "r", Title: strings.Repeat("t", 130),
		Items: []Item{
			{ID: "a", Price: NoPrice, Quantity: 1},
			{ID: "b", Price: math.MaxInt64, Quantity: -3, Category: "c", Propensity: 0.25, Reason: "trending"},
			{ID: "", Price: 0, Quantity: 0},
		},
		Currency: "KWD", Value: -1, Transaction: "T", SearchTerm: "é", Placement: "home", RecID: "r_1", Props: `{"a":1}`,
		UserAgent: "UA", IP: "2001:db8:1::", Generated: true,
	}
}

func sameEvent(a, b *Event) bool {
	return fmt.Sprintf("%+v", *a) == fmt.Sprintf("%+v", *b)
}

func TestRecordsComeBackAsTheyWere(t *testing.T) {
	got := Event{Items: make([]Item, 7), Props: "left over"}
	for _, want := range []Event{{}, typicalEvent(), fullEvent(), {Kind: Search, Name: "other"}} {
		data := string(AppendEvent([]byte("before"), &want)[len("before"):])
		if err := DecodeEvent(data, &got); err != nil {
			t.Fatal(err)
		}
		if !sameEvent(&got, &want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		site, visitor, ok := PeekVisitor(data)
		if !ok || site != want.Site || visitor != want.Visitor || RecordType(data) != RecordEvent {
			t.Errorf("peeked %q %q %v", site, visitor, ok)
		}
	}
	tick, settings := Tick{"shop", 1790000000000}, Settings{"shop", 1800000, 600000, 86400000}
	var gotTick Tick
	if err := DecodeTick(string(AppendTick(nil, &tick)), &gotTick); err != nil || gotTick != tick {
		t.Errorf("got %+v, %v, want %+v", gotTick, err, tick)
	}
	var gotSettings Settings
	if err := DecodeSettings(string(AppendSettings(nil, &settings)), &gotSettings); err != nil || gotSettings != settings {
		t.Errorf("got %+v, %v, want %+v", gotSettings, err, settings)
	}
	if RecordType("") != 0 {
		t.Error("an erased record has a type")
	}
}

// Every later version must read the bytes of version 1.
func TestRecordBytesAreFixed(t *testing.T) {
	a, b := typicalEvent(), fullEvent()
	tick, settings := Tick{"shop", 1790000000000}, Settings{"shop", 1800000, 600000, 86400000}
	var got strings.Builder
	for _, r := range []struct {
		name string
		data []byte
	}{
		{"typical", AppendEvent(nil, &a)},
		{"full", AppendEvent(nil, &b)},
		{"tick", AppendTick(nil, &tick)},
		{"settings", AppendSettings(nil, &settings)},
	} {
		fmt.Fprintf(&got, "%s %d\n%s\n", r.name, len(r.data), hex.Dump(r.data))
	}
	compareGolden(t, "testdata/intake/records.v1.txt", got.String())
}

// compareGolden compares got with a file; BECKON_GOLDEN=write writes it.
func compareGolden(t *testing.T, name, got string) {
	t.Helper()
	if os.Getenv("BECKON_GOLDEN") == "write" {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got\n%s\nwant\n%s", name, got, want)
	}
}

func TestEveryCutOfARecordIsRefused(t *testing.T) {
	for _, e := range []Event{typicalEvent(), fullEvent()} {
		data := string(AppendEvent(nil, &e))
		for n := range len(data) {
			var got Event
			err := DecodeEvent(data[:n], &got)
			var bad *RecordError
			if !errors.As(err, &bad) || bad.Type != RecordEvent || bad.Offset > n {
				t.Fatalf("cut at %d: got %v", n, err)
			}
		}
		var got Event
		if DecodeEvent(data+"x", &got) == nil {
			t.Error("bytes left over were taken")
		}
	}
}

func TestForeignRecordsAreRefused(t *testing.T) {
	var e Event
	var tick Tick
	var settings Settings
	good := AppendEvent(nil, &e)
	change := func(i int, b byte) string {
		data := append([]byte(nil), good...)
		data[i] = b
		return string(data)
	}
	for name, data := range map[string]string{
		"type": change(0, RecordTick), "version": change(1, 2), "flags": change(6, 0xff), "kind": change(7, byte(kinds)),
		"items beyond the end": change(4, 1<<7) + "\xff\xff\xff\xff\x0f",
		"string beyond":        "\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
		"number over 64 bits":  "\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
	} {
		if DecodeEvent(data, &e) == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if DecodeTick(string(good), &tick) == nil || DecodeSettings(string(good), &settings) == nil {
		t.Error("an event was taken for a tick or settings")
	}
	if _, _, ok := PeekVisitor("\x02\x01"); ok {
		t.Error("a tick has a visitor")
	}
}

// A visitor must never move, or its events would lose their order.
func TestPartitionsAreFixed(t *testing.T) {
	for _, c := range []struct {
		site, visitor    string
		partitions, want int
	}{
		{"shop", "v_1", 64, 42},
		{"shop", "v_2", 64, 61},
		{"", "", 64, 27},
		{strings.Repeat("s", 200), strings.Repeat("v", 200), 64, 23},
		{"shop", "v_1", 1, 0},
	} {
		if got := PartitionOf(c.site, c.visitor, c.partitions); got != c.want {
			t.Errorf("PartitionOf(%.8q, %.8q, %d) = %d, want %d", c.site, c.visitor, c.partitions, got, c.want)
		}
	}
}

func TestFingerprintsTellFieldsApart(t *testing.T) {
	seen := map[uint64]string{}
	for _, f := range [][3]string{{"a", "b", "c"}, {"ab", "", "c"}, {"a", "bc", ""}, {"", "ab", "c"}, {"a", "b", "d"}} {
		for seed := range uint64(2) {
			v := Fingerprint(seed, f[0], f[1], f[2])
			name := fmt.Sprint(seed, f)
			if other, ok := seen[v]; ok {
				t.Errorf("%s and %s share a fingerprint", name, other)
			}
			seen[v] = name
		}
	}
}

func TestCodecAllocatesNothing(t *testing.T) {
	e := typicalEvent()
	buf := AppendEvent(nil, &e)
	data := string(buf)
	var got Event
	n := testing.AllocsPerRun(100, func() {
		buf = AppendEvent(buf[:0], &e)
		if err := DecodeEvent(data, &got); err != nil {
			t.Fatal(err)
		}
		_ = PartitionOf(e.Site, e.Visitor, 64)
		_ = Fingerprint(1, e.Site, e.Visitor, e.ID)
	})
	if n != 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}

func FuzzDecodeEvent(f *testing.F) {
	for _, e := range []Event{{}, typicalEvent(), fullEvent()} {
		f.Add(string(AppendEvent(nil, &e)))
	}
	f.Fuzz(func(t *testing.T, data string) {
		var e, again Event
		if DecodeEvent(data, &e) != nil {
			return
		}
		if err := DecodeEvent(string(AppendEvent(nil, &e)), &again); err != nil {
			t.Fatal(err)
		}
		if !sameEvent(&e, &again) {
			t.Errorf("got %+v, want %+v", again, e)
		}
	})
}

func FuzzDecodeTick(f *testing.F) {
	f.Add(string(AppendTick(nil, &Tick{"shop", 5})))
	f.Fuzz(func(t *testing.T, data string) {
		var a, b Tick
		if DecodeTick(data, &a) != nil {
			return
		}
		if err := DecodeTick(string(AppendTick(nil, &a)), &b); err != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("got %+v, %v, want %+v", b, err, a)
		}
	})
}

func FuzzDecodeSettings(f *testing.F) {
	f.Add(string(AppendSettings(nil, &Settings{"shop", 1, 2, 3})))
	f.Fuzz(func(t *testing.T, data string) {
		var a, b Settings
		if DecodeSettings(data, &a) != nil {
			return
		}
		if err := DecodeSettings(string(AppendSettings(nil, &a)), &b); err != nil || !reflect.DeepEqual(a, b) {
			t.Errorf("got %+v, %v, want %+v", b, err, a)
		}
	})
}

func BenchmarkCodec(b *testing.B) {
	e := typicalEvent()
	buf := AppendEvent(nil, &e)
	data := string(buf)
	b.Logf("%d bytes", len(data))
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			buf = AppendEvent(buf[:0], &e)
		}
	})
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		var got Event
		for b.Loop() {
			if err := DecodeEvent(data, &got); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("partition", func(b *testing.B) {
		for b.Loop() {
			_ = PartitionOf(e.Site, e.Visitor, 64)
		}
	})
	b.Run("fingerprint", func(b *testing.B) {
		for b.Loop() {
			_ = Fingerprint(1, e.Site, e.Visitor, e.ID)
		}
	})
	b.Run("peek", func(b *testing.B) {
		for b.Loop() {
			if _, _, ok := PeekVisitor(data); !ok {
				b.Fatal("no visitor")
			}
		}
	})
}
