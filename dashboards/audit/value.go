package audit

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"

	"beckon/web/text"
)

// unit is how a number in a record is meant.
type unit int

const (
	plain    unit = iota
	money         // minor units
	millis        // a length of time, ms
	seconds       // a length of time, s
	moment        // Unix ms
	fraction      // of 1
	percents      // of 100
)

// units of fields, by the last part of their path; a whole path goes before.
var units = map[string]unit{
	"price": money, "amount": money, "cost": money, "floor": money, "ceiling": money, "map": money, "salvage": money,
	"audience.min_cart": money, "audience.max_cart": money, "discount.max": money, "where.price.min": money, "where.price.max": money,
	"where.margin.min": fraction, "where.margin.max": fraction,
	"gap": millis, "lateness": millis, "longest": millis, "dwell_ms": millis, "slot_ms": millis, "competitor_ms": millis, "grace_ms": millis,
	"ttl_s": seconds, "trigger.idle_s": seconds,
	"from": moment, "until": moment, "starts": moment, "ends": moment, "sell_by": moment, "created": moment, "expires": moment,
	"margin": fraction, "max_step": fraction, "deadband": fraction, "p_better": fraction, "min_gain": fraction, "explore": fraction,
	"competitor_above": fraction, "breaker": fraction, "holdout": fraction,
	"percent": percents, "rounding.step": money, "rounding.ending": money,
}

// maxList is how many of a list's values are written; the rest is counted. maxText is how many letters of a text.
const (
	maxList = 12
	maxText = 300
)

// value writes a field's value for people.
func value(p *text.Printer, path string, raw json.RawMessage, currency string) string {
	switch s := string(raw); {
	case s == "null":
		if path == "stock" {
			return p.T("audit.value.untracked")
		}
		return p.T("audit.value.none")
	case s == "true":
		return p.T("audit.value.yes")
	case s == "false":
		return p.T("audit.value.no")
	case s == "[]" && path == "sites":
		return p.T("audit.value.all_shops")
	case s == `""` || s == "[]" || s == "{}":
		return p.T("audit.value.none")
	}
	var said string
	if json.Unmarshal(raw, &said) == nil {
		if w, ok := known(p, "audit.value."+said); ok && !strings.ContainsAny(said, " .") {
			return w
		}
		return cut(said)
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil {
		return values(p, path, list, currency)
	}
	number, err := strconv.ParseFloat(string(raw), 64)
	if err != nil {
		return cut(string(raw))
	}
	return quantity(p, path, number, currency)
}

func values(p *text.Printer, path string, list []json.RawMessage, currency string) string {
	var words []string
	for _, v := range list[:min(len(list), maxList)] {
		words = append(words, value(p, path, v, currency))
	}
	out := strings.Join(words, ", ")
	if more := len(list) - maxList; more > 0 {
		out += " " + p.N("audit.value.more", int64(more))
	}
	return out
}

// quantity writes a number with its unit.
func quantity(p *text.Printer, path string, v float64, currency string) string {
	_, last, _ := cutLast(path)
	u, ok := units[path]
	if !ok {
		u = units[last]
	}
	switch u {
	case money:
		if currency != "" {
			return p.Money(int64(v), currency)
		}
		return p.T("audit.value.minor", "n", p.Int(int64(v)))
	case millis:
		return p.Duration(time.Duration(v) * time.Millisecond)
	case seconds:
		return p.Duration(time.Duration(v) * time.Second)
	case moment:
		if v == 0 {
			return p.T("audit.value.none")
		}
		return p.DateTime(int64(v)) + " UTC"
	case fraction:
		return p.Percent(v, 1)
	case percents:
		return p.Percent(v/100, 1)
	}
	if v == float64(int64(v)) {
		return p.Int(int64(v))
	}
	digits := 1
	for scale := 10.0; digits < 3 && v*scale != math.Trunc(v*scale); scale *= 10 {
		digits++
	}
	return p.Number(v, digits)
}

func cut(s string) string {
	if r := []rune(s); len(r) > maxText {
		return string(r[:maxText]) + " …"
	}
	return s
}
