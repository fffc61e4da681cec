package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Tile is one number with its name, and how it moved.
type Tile struct {
	Label, Value string
	Note         string // a few words under the value
	Href         string
	Trend        *float64 // +0.12 is 12 % more
	TrendLabel   string   // than what: "against the same hour last week"
	Good         bool     // more is good: an upward trend is green, not red
	Spark        []float64
}

// Empty says that there is nothing yet, why, and what to do next.
type Empty struct{ Title, Text, ActionLabel, ActionURL string }

// Item is a product as a list shows it. Href "" is no link.
type Item struct{ ID, Title, Image, Href string }

// Interval is an estimate with its band on a scale from Min to Max; both 0 take the band's own ends.
type Interval struct {
	Low, Mid, High, Min, Max float64
	Zero                     bool // draw the line where there is no effect
	Label                    string
}

// Step is one step of a funnel. Count is how many got here.
type Step struct {
	Label string
	Count float64
	Value string // Count as it is written; "" writes it as a whole number
	Note  string
	Href  string
}

// Steps is a funnel: each step against the first and against the one before.
type Steps struct {
	Label string // what the funnel is of, for those who do not see it
	Steps []Step
	Empty Empty
}

// Node is one place on a path and where it went on from there. Share is of the tree's root, 0 to 1.
type Node struct {
	Label string
	Value string // the count as it is written
	Share float64
	Href  string
	Image string // of a product; "" none
	Open  bool   // its children are shown at first
	Nodes []Node
}

// Tree shows paths as lists in lists.
type Tree struct {
	Label string
	Nodes []Node
	Empty Empty
}

// Tab is one of several views of the same thing.
type Tab struct {
	Label, Href string
	Active      bool
}

// Pager goes to the pages before and after; "" is no such page.
type Pager struct{ Prev, Next, Label string }

// KV is a name with its value.
type KV struct {
	Key   string
	Value templ.Component
}

func (t Tile) Render(ctx context.Context, w io.Writer) error  { return tile(t).Render(ctx, w) }
func (e Empty) Render(ctx context.Context, w io.Writer) error { return empty(e).Render(ctx, w) }
func (i Interval) Render(ctx context.Context, w io.Writer) error {
	return IntervalBar(i).Render(ctx, w)
}
func (s Steps) Render(ctx context.Context, w io.Writer) error { return steps(s).Render(ctx, w) }
func (t Tree) Render(ctx context.Context, w io.Writer) error  { return tree(t).Render(ctx, w) }
func (p Pager) Render(ctx context.Context, w io.Writer) error { return pager(p).Render(ctx, w) }
