package text

import (
	"math"
	"strconv"
	"strings"

	cldr "github.com/go-playground/locales/currency"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	printing "golang.org/x/text/message"
)

const euro = cldr.EUR

// Money is an amount of minor units: 123456 EUR is "€1,234.56", or "1.234,56 €" in German. A currency that is not known is taken to have
// two digits; one that is not said is not written.
func (p *Printer) Money(minor int64, code string) string {
	digits := Digits(code)
	number := strconv.AppendUint(make([]byte, 0, 24), magnitude(minor), 10)
	for len(number) <= digits {
		number = append([]byte{'0'}, number...)
	}
	return p.signed(minor < 0, p.numbers.append(make([]byte, 0, 32), false, number, digits), code)
}

// MoneyRound is an estimate of minor units, rounded to whole units: "€1,235".
func (p *Printer) MoneyRound(minor float64, code string) string {
	whole := math.Round(minor / math.Pow10(Digits(code)))
	if math.IsNaN(whole) || math.Abs(whole) > 1e18 {
		return "–"
	}
	number := strconv.AppendInt(make([]byte, 0, 24), int64(math.Abs(whole)), 10)
	return p.signed(whole < 0, p.numbers.append(make([]byte, 0, 32), false, number, 0), code)
}

// signed puts a currency's sign where it belongs.
func (p *Printer) signed(negative bool, amount []byte, code string) string {
	sign, ok := p.symbols[code]
	if !ok {
		sign = code
	}
	var b strings.Builder
	if negative {
		b.WriteString(minus)
	}
	switch last := len(sign) - 1; {
	case last < 0:
		b.Write(amount)
	case p.numbers.unitAfter:
		b.Write(amount)
		b.WriteString(noBreak + sign)
	default:
		b.WriteString(sign)
		if c := sign[last]; c >= 'A' && c <= 'Z' { // a letter would run into the digits
			b.WriteString(noBreak)
		}
		b.Write(amount)
	}
	return b.String()
}

// Plain is an amount as a form's field has it: digits and one point, "1234.56".
func Plain(minor int64, code string) string {
	digits := Digits(code)
	s := strconv.FormatUint(magnitude(minor), 10)
	if len(s) <= digits {
		s = strings.Repeat("0", digits-len(s)+1) + s
	}
	if digits > 0 {
		s = s[:len(s)-digits] + "." + s[len(s)-digits:]
	}
	if minor < 0 {
		return "-" + s
	}
	return s
}

// Entry is an amount as a form's text field has it, to be typed over: "1234.56", in German "1234,56". Minor reads it.
func (p *Printer) Entry(minor int64, code string) string {
	return strings.Replace(Plain(minor, code), ".", p.numbers.decimal, 1)
}

// Minor reads an amount that somebody typed, in any of the languages: "1234.56", "1.234,56", "1,234.56", "12", with or without the
// currency's sign. ok is false when it is none, or finer than the currency is.
//
// The last of points and commas is the decimal one when at most as many digits follow it as the currency has; exactly three digits
// after the only one are thousands, but for currencies of three digits.
func Minor(typed, code string) (minor int64, ok bool) {
	s := strings.NewReplacer(" ", "", noBreak, "", "\u202f", "", "'", "", minus, "-").Replace(typed)
	s, negative := strings.CutPrefix(s, "-")
	longest := ""
	for _, p := range all().byLang { // "US$" of one language ends in the "$" of another
		if sign := p.symbols[code]; len(sign) > len(longest) && (strings.HasPrefix(s, sign) || strings.HasSuffix(s, sign)) {
			longest = sign
		}
	}
	if longest == "" {
		longest = code
	}
	s = strings.TrimSuffix(strings.TrimPrefix(s, longest), longest)
	if !negative {
		s, negative = strings.CutPrefix(s, "-") // "€-5"
	}
	whole, part, digits := s, "", Digits(code)
	if at := strings.LastIndexAny(s, ".,"); at >= 0 && len(s)-at-1 <= digits {
		whole, part = s[:at], s[at+1:]
	}
	if whole, ok = ungroup(whole); !ok || whole+part == "" || len(whole) > 15 {
		return 0, false
	}
	part += strings.Repeat("0", digits-len(part))
	v, err := strconv.ParseUint(whole+part, 10, 63)
	if err != nil {
		return 0, false
	}
	if negative {
		return -int64(v), true
	}
	return int64(v), true
}

// ungroup takes the separators of thousands out of a whole number; they must stand where they belong and be of one kind.
func ungroup(s string) (digits string, ok bool) {
	at := strings.IndexAny(s, ".,")
	if at < 0 {
		return s, true
	}
	groups := strings.Split(s, s[at:at+1])
	for i, g := range groups {
		if i > 0 && len(g) != 3 || i == 0 && (len(g) == 0 || len(g) > 3) || strings.ContainsAny(g, ".,") {
			return "", false
		}
	}
	return strings.Join(groups, ""), true
}

// Digits is how many decimals the minor unit of a currency has (ISO 4217); two for what is none.
func Digits(code string) int {
	switch code {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	case "CLF", "UYW":
		return 4
	}
	return 2
}

// currencySymbols are a language's signs of all currencies that CLDR knows.
func currencySymbols(tag language.Tag) map[string]string {
	out := map[string]string{}
	printer := printing.NewPrinter(tag)
	for q := currency.Query(); q.Next(); {
		unit := q.Unit()
		out[unit.String()] = printer.Sprint(currency.Symbol(unit))
	}
	return out
}
