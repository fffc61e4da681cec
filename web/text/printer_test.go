package text

import (
	"math"
	"testing"
	"time"

	"beckon/clickstream"

	"golang.org/x/text/currency"
)

const nb = "\u00a0"

func TestMoneyIsWrittenAsTheLanguageWritesIt(t *testing.T) {
	for _, c := range []struct {
		lang, code string
		minor      int64
		want       string
	}{
		{"en", "EUR", 123456, "€1,234.56"},
		{"de", "EUR", 123456, "1.234,56" + nb + "€"},
		{"en", "JPY", 1234, "¥1,234"},
		{"de", "JPY", 1234, "1.234" + nb + "¥"},
		{"en", "KWD", 1234567, "KWD" + nb + "1,234.567"},
		{"de", "KWD", 1234567, "1.234,567" + nb + "KWD"},
		{"en", "USD", 5, "$0.05"},
		{"en", "EUR", -5, "−€0.05"},
		{"de", "EUR", -123456, "−1.234,56" + nb + "€"},
		{"en", "EUR", 0, "€0.00"},
		{"en", "", 100, "1.00"},
		{"en", "XQZ", 100, "XQZ" + nb + "1.00"},
		{"en", "EUR", math.MinInt64, "−€92,233,720,368,547,758.08"},
		{"es", "EUR", 123456, "1.234,56" + nb + "€"},
	} {
		if got := For(c.lang).Money(c.minor, c.code); got != c.want {
			t.Errorf("%s %d %s: got %q, want %q", c.lang, c.minor, c.code, got, c.want)
		}
	}
}

func TestEstimatesOfMoneyHaveNoCents(t *testing.T) {
	for _, c := range []struct {
		lang, code string
		minor      float64
		want       string
	}{
		{"en", "EUR", 1_113_068.4, "€11,131"},
		{"de", "EUR", -1_113_068.4, "−11.131" + nb + "€"},
		{"en", "JPY", 1_113_068.4, "¥1,113,068"},
		{"en", "EUR", -20, "€0"},
		{"en", "EUR", math.NaN(), "–"},
		{"en", "EUR", math.Inf(1), "–"},
	} {
		if got := For(c.lang).MoneyRound(c.minor, c.code); got != c.want {
			t.Errorf("%s %v %s: got %q, want %q", c.lang, c.minor, c.code, got, c.want)
		}
	}
}

func TestMinorUnitsAreThoseOfTheEvents(t *testing.T) {
	for q := currency.Query(); q.Next(); {
		code := q.Unit().String()
		if want, ok := clickstream.MinorDigits(code); ok && Digits(code) != want {
			t.Errorf("%s: got %d digits, want %d", code, Digits(code), want)
		}
	}
}

func TestTypedAmountsAreReadInEveryLanguage(t *testing.T) {
	for _, c := range []struct {
		typed, code string
		want        int64
		ok          bool
	}{
		{"1234.56", "EUR", 123456, true},
		{"1.234,56 €", "EUR", 123456, true},
		{"€1,234.56", "EUR", 123456, true},
		{" 12 ", "EUR", 1200, true},
		{"12,5", "EUR", 1250, true},
		{",5", "EUR", 50, true},
		{"1.234", "EUR", 123400, true},
		{"1.234", "KWD", 1234, true},
		{"1.234", "JPY", 1234, true},
		{"1.234.567", "EUR", 123456700, true},
		{"-3", "EUR", -300, true},
		{"1\u202f234,50", "EUR", 123450, true},
		{"0.125", "JPY", 125, true}, // thousands with a leading zero: odd, and no fraction of a yen
		{"12.3456", "EUR", 0, false},
		{"1.23.45", "EUR", 0, false},
		{"1,234.567,89", "EUR", 0, false},
		{"", "EUR", 0, false},
		{"abc", "EUR", 0, false},
		{"1e3", "EUR", 0, false},
		{"--3", "EUR", 0, false},
		{"99999999999999999999", "EUR", 0, false},
	} {
		got, ok := Minor(c.typed, c.code)
		if got != c.want || ok != c.ok {
			t.Errorf("%q %s: got %d %v, want %d %v", c.typed, c.code, got, ok, c.want, c.ok)
		}
	}
}

func FuzzAmountsComeBackFromEveryLanguage(f *testing.F) {
	f.Add(int64(123456), "EUR")
	f.Add(int64(-1), "KWD")
	f.Add(int64(70), "JPY")
	f.Add(int64(19), "XCG")
	f.Add(int64(-160), "USD")
	f.Fuzz(func(t *testing.T, minor int64, code string) {
		if _, ok := clickstream.MinorDigits(code); !ok || minor > 1e14 || minor < -1e14 {
			return
		}
		for _, p := range all().byLang {
			for _, typed := range []string{p.Money(minor, code), p.Entry(minor, code), Plain(minor, code)} {
				if got, ok := Minor(typed, code); !ok || got != minor {
					t.Errorf("%s %q: got %d %v, want %d", p.Lang(), typed, got, ok, minor)
				}
			}
		}
	})
}

func TestNumbersAreWrittenAsTheLanguageWritesThem(t *testing.T) {
	en, de, fr := For("en"), For("de"), For("fr")
	for _, c := range []struct{ got, want string }{
		{en.Int(1234567), "1,234,567"},
		{de.Int(-1234567), "−1.234.567"},
		{en.Int(math.MinInt64), "−9,223,372,036,854,775,808"},
		{en.Number(1234.5678, 2), "1,234.57"},
		{de.Number(0.5, 1), "0,5"},
		{fr.Number(12345.6, 1), "12\u202f345,6"},
		{en.Number(-0.04, 1), "0.0"},
		{en.Number(math.NaN(), 1), "–"},
		{en.Percent(0.123, 1), "12.3%"},
		{de.Percent(0.123, 1), "12,3" + nb + "%"},
		{en.Signed(0.02, 0), "+2%"},
		{en.Signed(-0.02, 0), "−2%"},
		{de.Signed(0, 1), "0,0" + nb + "%"},
		{en.Short(999), "999"},
		{en.Short(0.25), "0.2"},
		{en.Short(12345), "12.3k"},
		{en.Short(999960), "1.0M"},
		{en.Short(123456), "123k"},
		{de.Short(12345678), "12,3" + nb + "Mio."},
		{en.Short(-1500), "−1.5k"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestTimesAreWrittenAsTheLanguageWritesThem(t *testing.T) {
	at := time.Date(2026, 3, 1, 20, 5, 0, 0, time.UTC).UnixMilli()
	en, de := For("en"), For("de")
	const minute, day = 60_000, 24 * 3_600_000
	for _, c := range []struct{ got, want string }{
		{en.DateTime(at), "1 Mar 2026, 20:05"},
		{de.DateTime(at), "01.03.2026, 20:05"},
		{en.Ago(at, at+3*minute), "3" + nb + "min ago"},
		{de.Ago(at, at+2*day), "vor 2" + nb + "Tagen"},
		{en.Ago(at, at), "just now"},
		{de.Ago(at, at-3*minute), "in 3" + nb + "Min."},
		{en.Ago(at, at+40*day), "1 Mar 2026"},
		{en.Duration(250 * time.Millisecond), "250" + nb + "ms"},
		{en.Duration(3200 * time.Millisecond), "3.2" + nb + "s"},
		{de.Duration(125 * time.Minute), "2" + nb + "Std." + nb + "5" + nb + "Min."},
		{en.Duration(24 * time.Hour), "1" + nb + "day"},
		{en.Duration(0), "0" + nb + "ms"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestLanguagesAreMatched(t *testing.T) {
	for _, c := range []struct{ param, accept, want string }{
		{"", "", "en"},
		{"de", "", "de"},
		{"", "de-AT,en;q=0.5", "de"},
		{"en", "de", "en"},
		{"", "fr,de;q=0.5", "de"},
		{"xx", "ja", "en"},
		{"de'\"<", "", "en"},
	} {
		if got := Match(c.param, c.accept).Lang(); got != c.want {
			t.Errorf("%q %q: got %s, want %s", c.param, c.accept, got, c.want)
		}
	}
	if got := MatchShopper("", "fr-CA,de;q=0.5").Lang(); got != "fr" {
		t.Errorf("shopper's language: got %s, want fr", got)
	}
	if got := For("de-CH").Lang(); got != "de" {
		t.Errorf("For(de-CH): got %s, want de", got)
	}
}

func TestPlaceholdersAreFilled(t *testing.T) {
	p := &Printer{lang: "en", messages: map[string]message{}, locale: For("en").locale, numbers: For("en").numbers}
	body := `{"a.one":"Hello {who}, {what}{who}!", "a.many":{"one":"{n} cart of {who}","other":"{n} carts of {who}"}}`
	if err := decodeMessages([]byte(body), "a", p.messages); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ got, want string }{
		{p.T("a.one", "who", "Anna", "what", 1234), "Hello Anna, 1,234Anna!"},
		{p.T("a.one", "who", "{what}"), "Hello {what}, {what}{what}!"},
		{p.N("a.many", 1, "who", "Anna"), "1 cart of Anna"},
		{p.N("a.many", 1000, "who", "Anna"), "1,000 carts of Anna"},
		{p.T("a.none"), "a.none"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	for _, bad := range []string{`{"b.x":"y"}`, `{"a.x":"{open"}`, `{"a.x":{"one":"y"}}`, `{"a.x":{"one":"y","other":"z","few":3}}x`, `[]`} {
		if err := decodeMessages([]byte(bad), "a", map[string]message{}); err == nil {
			t.Errorf("%s: was taken", bad)
		}
	}
}

func BenchmarkCellsOfATable(b *testing.B) {
	p := For("de")
	b.ReportAllocs()
	for b.Loop() {
		_ = p.Money(123456, "EUR")
		_ = p.N("text.days", 3)
		_ = p.Percent(0.123, 1)
	}
}
