package offers

import (
	"errors"
	"strings"
	"testing"
)

func newCodes(t testing.TB, key string) *Codes {
	t.Helper()
	c, err := NewCodes([]byte(key))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const codeKey = "0123456789abcdef0123456789abcdef"

func TestCodeOpensItsOfferOnly(t *testing.T) {
	c := newCodes(t, codeKey)
	seen := map[string]bool{}
	for _, number := range []uint64{0, 1, 2, 31, 32, 1000, maxNumber - 1, maxNumber} {
		code := c.Code("demo", number)
		if got, err := c.Number("demo", code); err != nil || got != number {
			t.Errorf("%s: %d, %v, want %d", code, got, err, number)
		}
		if len(code) != 19 || seen[code[:9]] || seen[code[10:]] {
			t.Errorf("code %s of %d shows what others have", code, number)
		}
		seen[code[:9]], seen[code[10:]] = true, true
		for _, typed := range []string{strings.ToLower(code), strings.ReplaceAll(code, "-", ""), " " + strings.ReplaceAll(code, "-", " "), strings.NewReplacer("0", "o", "1", "l").Replace(code)} {
			if got, err := c.Number("demo", typed); err != nil || got != number {
				t.Errorf("typed as %q: %d, %v", typed, got, err)
			}
		}
		if _, err := c.Number("other", code); !errors.Is(err, ErrCode) {
			t.Errorf("another site takes %s: %v", code, err)
		}
		if _, err := newCodes(t, strings.ToUpper(codeKey)).Number("demo", code); !errors.Is(err, ErrCode) {
			t.Errorf("another key takes %s: %v", code, err)
		}
		for i := range code {
			if code[i] == '-' {
				continue
			}
			for _, symbol := range crockford {
				if wrong := code[:i] + string(symbol) + code[i+1:]; wrong != code {
					if n, err := c.Number("demo", wrong); err == nil {
						t.Errorf("%s opens %d", wrong, n)
					}
				}
			}
		}
	}
	for _, bad := range []string{"", "-", "AAAA", c.Code("demo", 1) + "A", strings.Repeat("-", 100), "AAAA-AAAA-AAAA-AAA!", "AAAA-AAAA-AAAA-AAAU"} {
		if _, err := c.Number("demo", bad); !errors.Is(err, ErrCode) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := NewCodes([]byte("short")); err == nil {
		t.Error("a short key is taken")
	}
}

func FuzzCode(f *testing.F) {
	c := newCodes(f, codeKey)
	f.Add("demo", c.Code("demo", 7))
	f.Add("demo", "0000-0000-0000-0000")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, site, code string) {
		number, err := c.Number(site, code)
		if err != nil {
			return
		}
		if again, err := c.Number(site, c.Code(site, number)); err != nil || again != number || number > maxNumber {
			t.Fatalf("%q opens %d, whose own code opens %d, %v", code, number, again, err)
		}
	})
}

func BenchmarkCode(b *testing.B) {
	c := newCodes(b, codeKey)
	b.ReportAllocs()
	for b.Loop() {
		c.Code("demo", 1234567)
	}
}
