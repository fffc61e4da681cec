package main

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"

	"beckon/server/shop"
	"beckon/web/text"
)

// adminTopic is something that a page of the dashboard shows live: regions whose content is rendered again while somebody looks, at most
// once a second for each site and language, and sent where it changed.
type adminTopic struct {
	name string
	role shop.Role // the least that sees it
	// render gives the content of the page's live regions by their ids. It reads folds and shop, never the history, and does not wait.
	render func(f frame) (map[string]templ.Component, error)
}

// frame is what one rendering of a topic is for. All who look at the same site in the same language get the same.
type frame struct {
	ctx  context.Context
	n    *node
	site shop.Site
	text *text.Printer
	now  time.Time

	query url.Values // what the page's topic says after its name: live?machines=on
}

// topics is all that the dashboard shows live.
func (n *node) topics() []adminTopic {
	return slices.Concat(
		n.overviewTopics(), n.liveTopics(), n.stockTopics(), n.priceTopics(), n.offerTopics(), n.healthTopics(), n.recommendationTopics(), n.segmentTopics(),
	)
}
