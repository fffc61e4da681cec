package quote

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"math"
	"strings"
	"testing"
)

const now = 1_790_000_000_000

var signer = NewSigner([]byte("0123456789abcdef0123456789abcdef"))

func kettle() Quote {
	return Quote{Site: "demo", Item: "sku-1", Market: "de", Version: 77, Amount: 1899, Currency: "EUR", Expires: now + 1800_000}
}

func TestAQuoteSaysWhatWasPromised(t *testing.T) {
	long := strings.Repeat("x", 64)
	for _, q := range []Quote{
		kettle(),
		{Site: "s", Item: "i", Currency: "JPY", Expires: 1},
		{Site: "demo", Item: "A.b_c:d-9", Amount: 1, Currency: "KWD", Cart: "c-1", Expires: now},
		{Site: long, Item: long, Market: strings.Repeat("ü", 16), Version: math.MaxUint64, Amount: math.MaxInt64, Currency: "EUR", Cart: long, Expires: math.MaxInt64},
	} {
		text := string(signer.Append(nil, &q))
		if !strings.HasPrefix(text, "q_") || len(text) > MaxText || strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-") != "" {
			t.Errorf("%d letters: %s", len(text), text)
		}
		got, why := signer.Verify(text, q.Site, q.Cart, q.Expires-1)
		if got != q || why != "" {
			t.Errorf("got %+v, %q; want %+v", got, why, q)
		}
	}
}

func TestVerifySaysWhy(t *testing.T) {
	q := kettle()
	mine := q
	mine.Cart = "cart-1"
	public, bound := string(signer.Append(nil, &q)), string(signer.Append(nil, &mine))
	other := string(NewSigner([]byte("another key of another place")).Append(nil, &q))
	for _, c := range []struct {
		name, text, site, cart string
		now                    int64
		want                   Reason
	}{
		{"good", public, "demo", "", now, ""},
		{"good in any cart", public, "demo", "cart-9", now, ""},
		{"good in its cart", bound, "demo", "cart-1", now, ""},
		{"to the last millisecond", public, "demo", "", q.Expires - 1, ""},
		{"expired", public, "demo", "", q.Expires, Expired},
		{"of another site", public, "shop", "", now, OtherSite},
		{"of another cart", bound, "demo", "cart-2", now, OtherCart},
		{"of a cart, shown without one", bound, "demo", "", now, OtherCart},
		{"another key", other, "demo", "", now, Forged},
		{"empty", "", "demo", "", now, Forged},
		{"nothing in it", "q_.sku-1", "demo", "", now, Forged},
		{"another item", strings.Replace(public, ".sku-1", ".sku-2", 1), "demo", "", now, Forged},
		{"no item", strings.TrimSuffix(public, "sku-1"), "demo", "", now, Forged},
		{"more", public + "x", "demo", "", now, Forged},
		{"a line break", public[:9] + "\n" + public[9:], "demo", "", now, Forged},
		{"too long", public + strings.Repeat("x", 200), "demo", "", now, Forged},
		{"another head", "t" + public[1:], "demo", "", now, Forged},
		{"not base64", "q_%%%%" + public[6:], "demo", "", now, Forged},
	} {
		got, why := signer.Verify(c.text, c.site, c.cart, c.now)
		if why != c.want {
			t.Errorf("%s: %q, want %q", c.name, why, c.want)
		}
		if (why == Forged) != (got.Item == "") {
			t.Errorf("%s: %q comes with %+v", c.name, why, got)
		}
	}
}

func TestOneLetterChangedIsForged(t *testing.T) {
	q := kettle()
	q.Cart = "cart-1"
	text := signer.Append(nil, &q)
	for i := range text {
		for _, b := range []byte{'A', 'B', 'g', '_', '.', text[i] + 1, text[i] ^ 0x20, 0, '='} {
			if b == text[i] {
				continue
			}
			changed := bytes.Clone(text)
			changed[i] = b
			if _, why := signer.Verify(string(changed), q.Site, q.Cart, now); why != Forged {
				t.Errorf("letter %d of %s as %q: %q", i, text, b, why)
			}
		}
	}
}

func TestWhatIsNoQuoteHasNoText(t *testing.T) {
	for name, change := range map[string]func(*Quote){
		"no item":         func(q *Quote) { q.Item = "" },
		"item too long":   func(q *Quote) { q.Item = strings.Repeat("x", 65) },
		"item with space": func(q *Quote) { q.Item = "a b" },
		"market too long": func(q *Quote) { q.Market = strings.Repeat("x", 33) },
		"no currency":     func(q *Quote) { q.Currency = "" },
		"no site":         func(q *Quote) { q.Site = "" },
		"cart too long":   func(q *Quote) { q.Cart = strings.Repeat("x", 65) },
		"amount below 0":  func(q *Quote) { q.Amount = -1 },
		"expires below 0": func(q *Quote) { q.Expires = -1 },
	} {
		q := kettle()
		change(&q)
		if got := signer.Append([]byte("before"), &q); string(got) != "before" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// The MAC is HMAC-SHA256 of the standard library, for keys of every length.
func TestMACIsTheStandardOne(t *testing.T) {
	for _, size := range []int{0, 1, 16, 32, 63, 64, 65, 200} {
		key := bytes.Repeat([]byte{0x5a, 7}, size)[:size]
		q := kettle()
		body, item, _ := strings.Cut(string(NewSigner(key).Append(nil, &q)), ".")
		raw, err := base64.RawURLEncoding.DecodeString(body[2:])
		if err != nil {
			t.Fatal(err)
		}
		h := hmac.New(sha256.New, key)
		h.Write([]byte("beckon q"))
		h.Write(raw[:len(raw)-16])
		h.Write([]byte(item))
		if want := h.Sum(nil)[:16]; !bytes.Equal(raw[len(raw)-16:], want) {
			t.Errorf("key of %d bytes: %x, want %x", size, raw[len(raw)-16:], want)
		}
	}
}

// A text of this version of the program must open for every later one until it has expired.
func TestGoldenText(t *testing.T) {
	q := kettle()
	const want = "q_AXoFZQIKLDsSTesOwMavo4w0RVVSAmRlErTxhE7K4DTi7iuk-HJwCg.sku-1"
	if got := string(signer.Append(nil, &q)); got != want {
		t.Errorf("the text changed: %s, want %s", got, want)
	}
}

func TestHonourIsTheLowerUntilItExpires(t *testing.T) {
	q := kettle() // 1899
	for _, c := range []struct {
		name    string
		current int64
		now     int64
		want    Terms
	}{
		{"unchanged", 1899, now, Terms{1899, 1899, 1899, false}},
		{"risen: the promise holds", 1999, now, Terms{1899, 1899, 1999, false}},
		{"fallen: passed on at once", 1799, now, Terms{1799, 1899, 1799, false}},
		{"risen, in the last millisecond", 1999, q.Expires - 1, Terms{1899, 1899, 1999, false}},
		{"risen and over: needs consent", 1999, q.Expires, Terms{1999, 1899, 1999, true}},
		{"unchanged and over", 1899, q.Expires, Terms{1899, 1899, 1899, false}},
		{"fallen and over", 1799, q.Expires, Terms{1799, 1899, 1799, false}},
	} {
		if got := Honour(&q, c.current, c.now); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestSigningAllocatesNothing(t *testing.T) {
	q := kettle()
	q.Cart = "cart-1"
	dst := make([]byte, 0, MaxText)
	if n := testing.AllocsPerRun(100, func() { dst = signer.Append(dst[:0], &q) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzVerify(f *testing.F) {
	q := kettle()
	f.Add(string(signer.Append(nil, &q)), "demo", "")
	q.Cart = "cart-1"
	f.Add(string(signer.Append(nil, &q)), "demo", "cart-1")
	f.Add("q_.", "", "")
	f.Fuzz(func(t *testing.T, text, site, cart string) {
		got, why := signer.Verify(text, site, cart, now)
		if why == Forged || why == OtherSite || why == OtherCart {
			return
		}
		if again := string(signer.Append(nil, &got)); again != text {
			t.Fatalf("%q opens as %+v, whose text is %q", text, got, again)
		}
	})
}

// What is behind the MAC is read as well, as if anything could have been signed.
func FuzzParse(f *testing.F) {
	f.Add([]byte{forAny, 1, 2, 3, 4, 5, 6, 7, 8, 77, 5, 9, 'E', 'U', 'R', 2, 'd', 'e'})
	f.Add([]byte{forCart})
	f.Fuzz(func(t *testing.T, b []byte) {
		q, _, cart, ok := parse(b)
		if ok && (len(q.Currency) != 3 || q.Amount < 0 || q.Expires < 0 || (b[0] == forCart) != (len(cart) == tagSize)) {
			t.Fatalf("%x opens as %+v", b, q)
		}
	})
}

func BenchmarkQuote(b *testing.B) {
	q := kettle()
	text := string(signer.Append(nil, &q))
	b.Run("Append", func(b *testing.B) {
		b.ReportAllocs()
		dst := make([]byte, 0, MaxText)
		for b.Loop() {
			dst = signer.Append(dst[:0], &q)
		}
	})
	b.Run("Verify", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			signer.Verify(text, "demo", "", now)
		}
	})
}
