package text

import (
	"math"
	"strconv"
	"strings"

	"github.com/go-playground/locales"
)

// minus is U+2212: as wide as a plus, and read out as "minus".
const minus = "\u2212"

// noBreak keeps a number and its unit on one line.
const noBreak = "\u00a0"

// numbers are the signs that a language writes numbers with.
type numbers struct {
	decimal, group string
	unitAfter      bool // the currency sign stands after the amount
	percent        string
}

// newNumbers takes the signs out of what CLDR's patterns make.
func newNumbers(locale locales.Translator) numbers {
	sample := locale.FmtNumber(1234.5, 1) // 1,234.5
	group := sample[1:strings.Index(sample, "234")]
	decimal := sample[strings.Index(sample, "234")+3 : len(sample)-1]
	percent := strings.TrimPrefix(locale.FmtPercent(1, 0), "1")
	if percent != "%" {
		percent = noBreak + "%"
	}
	return numbers{decimal: decimal, group: group, percent: percent, unitAfter: locale.FmtCurrency(1, 2, euro)[0] == '1'}
}

// Int is a whole number: "12,345".
func (p *Printer) Int(v int64) string {
	return string(p.numbers.append(nil, v < 0, strconv.AppendUint(nil, magnitude(v), 10), 0))
}

// Number is v with exactly that many digits after the point. What is no number is "–".
func (p *Printer) Number(v float64, digits int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "–"
	}
	s := strconv.FormatFloat(math.Abs(v), 'f', digits, 64)
	whole, part, _ := strings.Cut(s, ".")
	negative := v < 0 && strings.Trim(s, "0.") != "" // never "−0.0"
	return string(p.numbers.append(nil, negative, []byte(whole+part), len(part)))
}

// Percent writes a share: 0.123 with one digit is "12.3%".
func (p *Printer) Percent(fraction float64, digits int) string {
	s := p.Number(fraction*100, digits)
	if s == "–" {
		return s
	}
	return s + p.numbers.percent
}

// Signed is Percent with its plus, for changes: "+2.0%".
func (p *Printer) Signed(fraction float64, digits int) string {
	s := p.Percent(fraction, digits)
	if s == "–" || strings.HasPrefix(s, minus) || strings.Trim(s, "0.,%"+noBreak) == "" {
		return s
	}
	return "+" + s
}

// Short is a large number in few letters: "12.3k".
func (p *Printer) Short(v float64) string {
	for _, unit := range []struct {
		size float64
		key  string
	}{{1e9, "text.short_billion"}, {1e6, "text.short_million"}, {1e3, "text.short_thousand"}} {
		scaled := v / unit.size
		if math.Abs(scaled) < 0.99995 { // 999.95 and more would round up to a thousand
			continue
		}
		digits := 1
		if math.Abs(scaled) >= 99.95 {
			digits = 0
		}
		return p.T(unit.key, "v", p.Number(scaled, digits))
	}
	if v == math.Trunc(v) {
		return p.Number(v, 0)
	}
	return p.Number(v, 1)
}

// append writes digits, the last of which are after the point.
func (n *numbers) append(dst []byte, negative bool, digits []byte, after int) []byte {
	if negative {
		dst = append(dst, minus...)
	}
	whole := len(digits) - after
	for i := range whole {
		if i > 0 && (whole-i)%3 == 0 {
			dst = append(dst, n.group...)
		}
		dst = append(dst, digits[i])
	}
	if after > 0 {
		dst = append(dst, n.decimal...)
		dst = append(dst, digits[whole:]...)
	}
	return dst
}

func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}
