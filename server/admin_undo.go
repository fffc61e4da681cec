package main

import (
	"context"

	"beckon/dashboards/ui"
	"beckon/web/text"
)

// undo takes back the change at an offset of the control log, by a new record that names it. It is refused, with a plain reason, when
// the change cannot be taken back or something changed since.
func (n *node) undo(ctx context.Context, actor, site string, offset uint64) (newOffset uint64, err error) {
	return n.shop.Undo(ctx, actor, offset)
}

// flash is what a page says after a change was saved, with its undo.
func (n *node) flash(site string, offset uint64, p *text.Printer) *ui.Flash {
	return &ui.Flash{Text: p.T("audit.saved")}
}
