package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Table is a list of things with columns. It scrolls sideways by itself where the screen is narrow.
type Table struct {
	ID      string // needed where the table's rows are live
	Caption string // what the rows are; read out, not shown
	Head    []Column
	Rows    []Row
	Empty   Empty // shown instead where there is no row
}

// Column is a column's heading.
type Column struct {
	Title   string
	Number  bool   // right-aligned
	Help    string // one line that explains the term
	Sort    string // "asc" or "desc" where the rows are in this column's order
	SortURL string // sorts by this column; "" cannot
}

// Row is one thing. Href makes its first cell the link to its page.
type Row struct {
	ID, Href string
	Cells    []templ.Component
	Tone     string // good warn bad info quiet; "" plain
}

func (t Table) Render(ctx context.Context, w io.Writer) error { return table(t).Render(ctx, w) }

// number says whether the column holds numbers.
func (t Table) number(column int) bool { return column < len(t.Head) && t.Head[column].Number }
