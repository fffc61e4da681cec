package pricing

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"beckon/pricing/guard"
	"beckon/pricing/policy"
)

// words tells an explanation in sentences, each with its numbers.
func words(x *Explanation, currency string) []string {
	m := money{currency}
	said := []string{fmt.Sprintf("At %s the price was %s, version %d.", when(x.At), m.of(x.Amount), x.Version)}
	if x.From > 0 {
		said[0] = fmt.Sprintf("At %s the price was %s, version %d, in force since %s.", when(x.At), m.of(x.Amount), x.Version, when(x.From))
	}
	if x.Entry == nil {
		said = append(said, "It is the shop's own price, or older than what is remembered.")
	} else {
		said = append(said, madeBy(x.Entry, m))
		if len(x.Entry.Over) == 0 {
			said = append(said, guardWords(x.Entry.Guard, m)...)
		}
		for _, rule := range x.Entry.Over {
			said = append(said, fmt.Sprintf("The rule %s would have stopped it%s and was overridden.", rule, insteadWords(x.Entry.Guard, rule, m)))
		}
	}
	if x.Decision != nil {
		said = append(said, x.Decision.words(m)...)
	}
	if len(x.Later) > 0 {
		l := x.Later[len(x.Later)-1]
		said = append(said, fmt.Sprintf("Since then %d decisions left it as it is, the last at %s: %s.", len(x.Later), when(l.At), l.Reason))
	}
	if x.Until > 0 {
		said = append(said, fmt.Sprintf("Another price followed at %s.", when(x.Until)))
	}
	return said
}

// madeBy says what kind of change an entry was.
func madeBy(e *Entry, m money) string {
	from := "from " + m.of(e.Before) + " to " + m.of(e.After)
	switch e.Kind {
	case KindList:
		return "The shop changed its own price " + from + "."
	case KindEngine:
		return "The engine published it, " + from + "."
	case KindApproved:
		return e.Actor + " approved what the engine had suggested, " + from + "."
	case KindManual:
		s := e.Actor + " set it, " + from + "."
		if e.Reason != "" {
			s += " The note says: " + e.Reason
		}
		return s
	case KindUndo:
		return fmt.Sprintf("%s took version %d back, %s.", e.Actor, e.Was, from)
	case KindMarkdown:
		return fmt.Sprintf("The announced markdown %s took it %s; the lowest price of the 30 days before it began was %s.", e.Reason, from, m.of(e.Markdown.reference()))
	case KindMarkdownEnd:
		return fmt.Sprintf("The announced markdown %s ended, and the price before it returned, %s.", e.Reason, from)
	case KindEdge:
		return fmt.Sprintf("It was outside a hard limit (%s) and went to its edge at once, %s.", e.Reason, from)
	case KindRestore:
		return "The kill switch put the list price back, " + from + "."
	}
	return string(e.Kind) + " " + from + "."
}

// words tells what the engine weighed.
func (d *Decision) words(m money) []string {
	p := &d.Proposal
	said := []string{
		fmt.Sprintf("It was decided at %s from input %s, at %s, version %d.", when(d.At), d.Input, m.of(d.Current), d.Version),
		fmt.Sprintf("Elasticity %.2f (80%% between %.2f and %.2f). The price of highest expected profit is %s: it earns more than %s with probability %.2f, and %+.2f%% are expected.",
			p.Elasticity.Mean, p.Elasticity.Lo, p.Elasticity.Hi, m.of(p.Best), m.of(d.Current), p.PBetter, 100*p.Gain),
		fmt.Sprintf("Proposed: %s, for the reason %s%s. %s units a slot are expected at it (80%% between %s and %s).",
			m.of(p.Price), p.Reason, gateWords(p.Gate), rate(p.Rate.Mean), rate(p.Rate.Lo), rate(p.Rate.Hi)),
	}
	if p.Explored {
		said = append(said, fmt.Sprintf("It is a test price: tests have cost %.2f%% of the profit so far, and knowing more is worth %.2f%%.", 100*p.Spent, 100*p.Worth))
	}
	if p.Cover >= 0 {
		said = append(said, fmt.Sprintf("The stock lasts %.1f slots at that price.", p.Cover))
	}
	if p.Market > 0 {
		said = append(said, fmt.Sprintf("Competitors ask %s in the middle.", m.of(p.Market)))
	}
	said = append(said, guardWords(d.Guard, m)...)
	if d.Publish {
		return append(said, fmt.Sprintf("The outcome is %s, for the reason %s.", m.of(d.Price), d.Reason))
	}
	return append(said, fmt.Sprintf("The outcome is to leave it at %s, for the reason %s.", m.of(d.Price), d.Reason))
}

func gateWords(g policy.Gate) string {
	if g == policy.Open {
		return ""
	}
	return " (stopped by " + string(g) + ")"
}

// guardWords tells the rules that changed a price.
func guardWords(trace []guard.Step, m money) []string {
	var said []string
	for _, s := range trace {
		if s.Before == s.After {
			continue
		}
		limit := ""
		switch {
		case s.Limit == 0:
		case s.Rule == guard.RuleDwell:
			limit = " until " + when(s.Limit)
		default:
			limit = ", whose limit is " + m.of(s.Limit)
		}
		said = append(said, fmt.Sprintf("The rule %s%s made %s of %s.", s.Rule, limit, m.of(s.After), m.of(s.Before)))
	}
	return said
}

// insteadWords says which price a rule that was overridden would have made.
func insteadWords(trace []guard.Step, rule string, m money) string {
	for _, s := range trace {
		if s.Rule == rule && s.Before != s.After {
			return " at " + m.of(s.After)
		}
	}
	return ""
}

// money writes amounts in a currency.
type money struct{ currency string }

func (m money) of(amount int64) string {
	if amount == 0 {
		return "none"
	}
	decimals := 2
	switch {
	case slices.Contains(withoutDecimals[:], m.currency):
		decimals = 0
	case slices.Contains(threeDecimals[:], m.currency):
		decimals = 3
	}
	text := strconv.FormatInt(amount, 10)
	if decimals > 0 {
		for len(text) <= decimals {
			text = "0" + text
		}
		text = text[:len(text)-decimals] + "." + text[len(text)-decimals:]
	}
	return text + " " + m.currency
}

// ISO 4217, currencies whose minor unit is not a hundredth.
var (
	withoutDecimals = [...]string{"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"}
	threeDecimals   = [...]string{"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
)

func rate(v float64) string { return strconv.FormatFloat(v, 'g', 3, 64) }

func when(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006-01-02 15:04:05.000 UTC") }
