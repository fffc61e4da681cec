package recommendations

import (
	"beckon/dashboards/ui"
	"beckon/web/text"
)

// PreviewView is the page on which anybody's recommendations are looked at.
type PreviewView struct {
	Form   PreviewForm
	Answer Answer
}

// PreviewForm is what is asked. Every field is a parameter of the page's address of the same name.
type PreviewForm struct {
	Visitor      string      // an id; "" is a new visitor
	Newest       []ui.Choice // visitors of the newest visits
	Places       []ui.Choice
	Items        []ui.Choice // suggestions
	Item         string
	ItemError    string
	VisitorError string
	Category     string
	Categories   []ui.Choice
	Segments     []ui.Choice // "" first: those that the shopper is in
	Languages    []ui.Choice
	Why          string // items that are asked about, by comma
	AnswerURL    string // answers with PreviewAnswer for changed fields
}

// Answer is what the shopper would be shown.
type Answer struct {
	Link    string // of this very preview
	Shopper Shopper
	Place   string // placement
	Cards   []Card
	Why     []WhyNot
}

// Shopper is who it is shown to, as far as recommendations may know.
type Shopper struct {
	Known        bool // something is known; else it is a new visitor
	Personal     bool // and may be used
	Visits       int
	Views        int      // of items
	Recent       int      // different items
	Cart, Bought int      // items
	Segments     []string // titles
	Assumed      bool     // Segments were chosen for the preview
	Machine      bool
}

// Card is one recommended item.
type Card struct {
	Item       ui.Item
	Price, Was string // as shoppers see it; Was "" for no reduction
	Stock      Stock
	Reason     string // what the shopper reads
	Kind       string
	Because    []string // titles of what it is shown for
	Parts      []Part   // the most first
	Touches    []Touch
	Pin        *Rule
	Drawn      bool    // by exploration, in place of a better one
	Chance     float64 // that this question shows it
	Score      float64
}

// Stock is an item's stock as shoppers see it.
type Stock struct {
	Level string // in low out back; "" not tracked
	Left  int64  // pieces, -1 untold
}

// Part is what one source gave to a score.
type Part struct {
	Kind  string
	Gives float64
}

// Rule is a merchandiser's rule with the address of its page.
type Rule struct{ Title, Href string }

// Touch is what a rule did to a score.
type Touch struct {
	Rule          Rule
	Action        string // boost or bury
	Before, After float64
}

// WhyNot is an answer about an item that was asked about.
type WhyNot struct {
	Item    ui.Item
	Code    string // as recommender.Reason says it, and unknown, unpublished, out_of_stock, reserved
	Place   int
	Score   float64
	Least   float64 // score of the last item shown
	Rule    *Rule
	Variant ui.Item // same_product
}

// whyKeys are the words for reasons not to show.
var whyKeys = map[string]string{
	"shown": "recommendations.not.shown", "own_item": "recommendations.not.own_item", "in_cart": "recommendations.not.in_cart",
	"just_bought": "recommendations.not.just_bought", "not_eligible": "recommendations.not.not_eligible", "unknown": "recommendations.not.unknown",
	"unpublished": "recommendations.not.unpublished", "out_of_stock": "recommendations.not.out_of_stock", "reserved": "recommendations.not.reserved",
	"excluded_by_rule": "recommendations.not.excluded_by_rule", "same_product": "recommendations.not.same_product",
	"below_cut": "recommendations.not.below_cut", "no_candidate": "recommendations.not.no_candidate",
}

// whyWords is the reason in a sentence or two.
func whyWords(p *text.Printer, w *WhyNot) string {
	key, ok := whyKeys[w.Code]
	if !ok {
		return w.Code
	}
	rule := ""
	if w.Rule != nil {
		rule = w.Rule.Title
	}
	variant := w.Variant.Title
	if variant == "" {
		variant = w.Variant.ID
	}
	return p.T(key, "place", w.Place, "score", p.Number(w.Score, 3), "least", p.Number(w.Least, 3), "rule", rule, "other", variant)
}

// becauseKeys are the words for what a source means, with and without the item it speaks of.
var becauseKeys = map[string][2]string{
	"bought_together":  {"recommendations.because.bought_together", "recommendations.because.bought_together_any"},
	"viewed_together":  {"recommendations.because.viewed_together", "recommendations.because.viewed_together_any"},
	"session":          {"recommendations.because.session", "recommendations.because.session_any"},
	"similar_shoppers": {"", "recommendations.because.similar_shoppers"},
	"trending":         {"", "recommendations.because.trending"},
	"recent":           {"", "recommendations.because.recent"},
	"bestseller":       {"", "recommendations.because.bestseller"},
	"pinned":           {"", "recommendations.because.pinned"},
}

// becauseWords is the main reason of a card in a sentence.
func becauseWords(p *text.Printer, c *Card) string {
	if c.Pin != nil {
		return p.T("recommendations.because.pin", "rule", c.Pin.Title)
	}
	keys, ok := becauseKeys[c.Kind]
	switch {
	case !ok:
		return KindWord(p, c.Kind)
	case keys[0] != "" && len(c.Because) > 0:
		return p.T(keys[0], "item", c.Because[0])
	}
	return p.T(keys[1])
}

func touchWords(p *text.Printer, t *Touch) string {
	key := "recommendations.touch.boost"
	if t.Action == "bury" {
		key = "recommendations.touch.bury"
	}
	return p.T(key, "before", p.Number(t.Before, 3), "after", p.Number(t.After, 3))
}

// total is what all sources gave together.
func (c *Card) total() (sum float64) {
	for i := range c.Parts {
		sum += c.Parts[i].Gives
	}
	return sum
}

// partWords is a source's share.
func partWords(p *text.Printer, c *Card, i int) string {
	share := 0.0
	if sum := c.total(); sum > 0 {
		share = c.Parts[i].Gives / sum
	}
	return p.T("recommendations.part", "share", p.Percent(share, 0), "gives", p.Number(c.Parts[i].Gives, 3))
}

func stockWords(p *text.Printer, s Stock) (words, tone string) {
	switch {
	case s.Level == "out":
		return p.T("recommendations.stock.out"), "bad"
	case s.Left >= 0:
		return p.N("recommendations.stock.left", s.Left), "warn"
	case s.Level == "low":
		return p.T("recommendations.stock.low"), "warn"
	case s.Level == "back":
		return p.T("recommendations.stock.back"), "good"
	}
	return p.T("recommendations.stock.in"), "good"
}

// shopperWords is what is known of the shopper, a sentence each.
func shopperWords(p *text.Printer, s *Shopper) (list []string) {
	switch {
	case !s.Known:
		list = append(list, p.T("recommendations.shopper.new"))
	case !s.Personal:
		list = append(list, p.T("recommendations.shopper.refused"))
	default:
		list = append(list, p.T("recommendations.shopper.known", "visits", s.Visits, "views", s.Views, "recent", s.Recent, "cart", s.Cart, "bought", s.Bought))
	}
	if s.Machine {
		list = append(list, p.T("recommendations.shopper.machine"))
	}
	segments := ""
	for i, title := range s.Segments {
		if i > 0 {
			segments += ", "
		}
		segments += title
	}
	switch {
	case s.Assumed:
		list = append(list, p.T("recommendations.shopper.assumed", "segments", segments))
	case segments != "":
		list = append(list, p.T("recommendations.shopper.segments", "segments", segments))
	}
	return list
}
