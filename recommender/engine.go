package recommender

import (
	"time"

	"beckon/clickstream"
)

// Engine is the models of all sites and answers from them.
type Engine struct {
	cfg Config
}

// NamedFold is one model as a fact fold, under the name of its snapshots.
type NamedFold struct {
	Name string
	Fold clickstream.FactFold
}

// New makes an engine that knows nothing yet.
func New(cfg Config) *Engine {
	cfg.complete()
	return &Engine{cfg: cfg}
}

// Folds are the models. Each must be fed all facts in order, by one goroutine of its own or a shared one.
func (e *Engine) Folds() []NamedFold { return nil }

// Recommend answers q into dst. It allocates nothing once dst has grown.
func (e *Engine) Recommend(dst *Answer, q *Query) { dst.Items = dst.Items[:0] }

// Rank answers with all of items in the order in which q's shopper would want them, without filters and exploration: each has
// Propensity 1. Items that nothing is known of come last, in the order given.
func (e *Engine) Rank(dst *Answer, q *Query, items []string) { dst.Items = dst.Items[:0] }

// Trend is an item with its views in a window.
type Trend struct {
	Item  string
	Views int
}

// Trending is the most viewed items of the window before now, the most viewed first, equals in natural order of their ids.
func (e *Engine) Trending(site string, now int64, window time.Duration, limit int, eligible func(item string) bool) []Trend {
	return nil
}

// ModelVersion names what the site's answers are made by: it changes as more is learned.
func (e *Engine) ModelVersion(site string) string { return "v1" }
