package main

import (
	"github.com/gofiber/fiber/v2"
)

// access says who may call a route.
type access string

const (
	open      access = "none"            // anyone
	publicKey access = "public key"      // pk_ or sk_
	shopperOr access = "shopper's token" // pk_ with X-Beckon-Token, or sk_ with ?visitor=
	secretKey access = "secret key"      // sk_ only
)

// route is one line of the public contract. The list serves the requests and makes /openapi.json, so the two cannot differ.
type route struct {
	method, path string // the path in Fiber's form, parameters as :name
	access       access
	does         string
	query        []string
	answers      []int
	handle       fiber.Handler
}

// routes is the contract, in the order of the flow: events in, catalog in, answers out, push, browser, operators.
func (n *node) routes() []route {
	return []route{
		{"POST", "/v1/events", publicKey, "Take a batch of events; 202 once every accepted one is durable.", []string{"k"}, []int{202, 400, 401, 403, 413, 415, 429, 503}, n.postEvents},
		{"POST", "/v1/import", secretKey, "Take NDJSON, one event a line, up to 64 MiB.", nil, []int{202, 400, 401, 413, 415, 503}, n.postImport},
		{"POST", "/v1/session", publicKey, "Make or renew a shopper's token.", []string{"k"}, []int{200, 400, 401, 403, 429}, n.postSession},
		{"GET", "/v1/deadletter", secretKey, "List rejected events, newest first, kept whole.", []string{"limit"}, []int{200, 401}, n.getDeadLetters},
		{"POST", "/v1/deadletter/:id/replay", secretKey, "Send one rejected event through the collector again.", nil, []int{202, 401, 404, 503}, n.replayDeadLetter},
		{"GET", "/v1/ledger", secretKey, "received = stored + duplicates + rejected.", nil, []int{200, 401}, n.getLedger},

		{"PUT", "/v1/items", secretKey, "Upsert catalog items: NDJSON, or ?format=google for a Merchant feed.", []string{"format"}, []int{202, 400, 401, 413, 503}, n.putItems},
		{"GET", "/v1/items", secretKey, "List catalog items in the order of their ids; with unlisted=1 those of events that the catalog does not have.", []string{"after", "limit", "unlisted"}, []int{200, 401}, n.listItems},
		{"GET", "/v1/items/:id", secretKey, "One catalog item.", nil, []int{200, 401, 404}, n.getItem},
		{"DELETE", "/v1/items/:id", secretKey, "Remove a catalog item.", nil, []int{200, 401, 404, 503}, n.deleteItem},
		{"POST", "/v1/stock", secretKey, "Set stock or change it by a delta, NDJSON; a delta's id makes it count once, a reservation's frees the pieces that were sold.", nil, []int{202, 400, 401, 413, 503}, n.postStock},
		{"POST", "/v1/reservations", secretKey, "Hold pieces for a cart at checkout, all lines or none; the same id and lines again extend it.", nil, []int{200, 201, 400, 401, 404, 409, 413, 415, 503}, n.postReservation},
		{"GET", "/v1/reservations/:id", secretKey, "How a reservation stands, and what its holder can have.", nil, []int{200, 401, 404}, n.getReservation},
		{"DELETE", "/v1/reservations/:id", secretKey, "Free the pieces of a reservation.", nil, []int{200, 401, 404, 409, 503}, n.deleteReservation},
		{"POST", "/v1/reservations/:id/commit", secretKey, "The pieces of a reservation are sold: they leave the stock, once.", nil, []int{200, 401, 404, 409, 503}, n.commitReservation},
		{"GET", "/v1/campaigns", secretKey, "The site's campaigns with what they granted, reserved and spent.", nil, []int{200, 401}, n.listCampaigns},
		{"GET", "/v1/campaigns/:id", secretKey, "One campaign with its account.", nil, []int{200, 401, 404}, n.getCampaign},
		{"PUT", "/v1/campaigns/:id", secretKey, "Make a campaign or replace its settings; its budget may not fall below what is spent and reserved.", nil, []int{200, 201, 400, 401, 409, 413, 415, 503}, n.putCampaign},
		{"DELETE", "/v1/campaigns/:id", secretKey, "Remove a campaign and take back its live offers.", nil, []int{200, 401, 404, 503}, n.deleteCampaign},
		{"GET", "/v1/campaigns/:id/uplift", secretKey, "What a campaign brought against its holdout, with intervals that hold however often one looks.", []string{"alpha", "planned"}, []int{200, 400, 401, 404}, n.getUplift},
		{"POST", "/v1/campaigns/:id/state", secretKey, "Start, pause or end a campaign: active, paused, ended.", nil, []int{200, 400, 401, 404, 409, 503}, n.postCampaignState},
		{"GET", "/v1/segments", secretKey, "The site's segments of shoppers, with how many are in each.", nil, []int{200, 401}, n.listSegments},
		{"PUT", "/v1/segments/:id", secretKey, "Make a segment or replace it: conditions over what is known of a shopper.", nil, []int{200, 201, 400, 401, 409, 413, 415, 503}, n.putSegment},
		{"DELETE", "/v1/segments/:id", secretKey, "Remove a segment of the site's own; a built-in one is as it was.", nil, []int{200, 401, 404, 503}, n.deleteSegment},
		{"GET", "/v1/offers", shopperOr, "This shopper's live offers.", []string{"visitor"}, []int{200, 400, 401, 403}, n.getOffers},
		{"POST", "/v1/offers/redeem", secretKey, "Use a code, once: what to take off this cart.", nil, []int{200, 400, 401, 404, 409, 413, 415, 429, 503}, n.postRedeem},
		{"DELETE", "/v1/offers/:id", secretKey, "Take an offer back.", nil, []int{200, 400, 401, 404, 409, 503}, n.deleteOffer},

		{"GET", "/v1/rules", secretKey, "The site's merchandising rules with the number of items that each is about.", nil, []int{200, 401}, n.listRules},
		{"GET", "/v1/rules/conflicts", secretKey, "What of the rules stands against each other, or does nothing.", nil, []int{200, 401}, n.getRuleConflicts},
		{"POST", "/v1/rules/preview", secretKey, "What answers would be with a rule, beside what they are.", nil, []int{200, 400, 401, 413, 415}, n.postRulePreview},
		{"GET", "/v1/rules/:id", secretKey, "One rule.", nil, []int{200, 401, 404}, n.getRule},
		{"PUT", "/v1/rules/:id", secretKey, "Make a rule or replace it: pin, boost, bury or exclude; in force with the next answer.", nil, []int{200, 201, 400, 401, 409, 413, 415, 503}, n.putRule},
		{"DELETE", "/v1/rules/:id", secretKey, "Remove a rule.", nil, []int{200, 401, 404, 503}, n.deleteRule},
		{"POST", "/v1/rules/:id/state", secretKey, "Pause a rule or take it in use again: paused, active.", nil, []int{200, 400, 401, 404, 503}, n.postRuleState},

		{"GET", "/v1/recommendations", shopperOr, "What to show this shopper here.", []string{"placement", "item", "category", "limit", "lang", "explain", "why", "visitor"}, []int{200, 400, 401, 403}, n.getRecommendations},
		{"POST", "/v1/recommendations/batch", secretKey, "Recommendations for up to 100 visitors or placements at once.", nil, []int{200, 400, 401}, n.postRecommendationsBatch},
		{"POST", "/v1/rank", shopperOr, "Order given items for this shopper.", nil, []int{200, 400, 401}, n.postRank},
		{"GET", "/v1/prices", shopperOr, "Prices in force, each with a quote that is kept to until it expires.", []string{"items", "market", "cart", "visitor"}, []int{200, 400, 401, 403}, n.getPrices},
		{"POST", "/v1/quotes/verify", secretKey, "What a quote is worth: the lower of its price and the current one until it expires.", nil, []int{200, 400, 401}, n.postQuoteVerify},
		{"POST", "/v1/prices", secretKey, "Set a price: hard limits hold, force overrides soft ones.", nil, []int{200, 400, 401, 404, 409, 413, 415, 503}, n.postPrice},
		{"POST", "/v1/prices/:item/undo", secretKey, "Take a version of a price back: the one before is published as a new version.", nil, []int{200, 400, 401, 404, 409, 413, 415, 503}, n.undoPrice},
		{"GET", "/v1/pricing/settings", secretKey, "Modes and limits of the site, its categories and items, and what holds its prices.", nil, []int{200, 401}, n.getPricingSettings},
		{"PUT", "/v1/pricing/settings", secretKey, "Replace the settings of the site, a category or an item; the most particular one wins field by field.", nil, []int{200, 400, 401, 404, 409, 413, 415, 503}, n.putPricingSettings},
		{"POST", "/v1/pricing/freeze", secretKey, "Freeze or thaw an item, a category or the site; with restore list prices return.", nil, []int{200, 400, 401, 404, 409, 413, 415, 503}, n.postFreeze},
		{"POST", "/v1/pricing/breaker", secretKey, "Close the catalog's breaker: what moved is right.", nil, []int{200, 401, 409, 503}, n.closeBreaker},
		{"GET", "/v1/pricing/suggestions", secretKey, "Prices that wait for a person.", []string{"limit"}, []int{200, 400, 401}, n.getSuggestions},
		{"POST", "/v1/pricing/suggestions/:id/approve", secretKey, "Publish a suggested price.", nil, []int{200, 401, 404, 409, 503}, n.approveSuggestion},
		{"POST", "/v1/pricing/suggestions/:id/dismiss", secretKey, "Turn a suggested price down; a week passes before the next.", nil, []int{200, 401, 404, 409, 503}, n.dismissSuggestion},
		{"GET", "/v1/pricing/items/:id", secretKey, "One item's price with what was learned: elasticity and curve with intervals, limits, history.", nil, []int{200, 401, 404}, n.getPricedItem},
		{"GET", "/v1/pricing/explain", secretKey, "Which price an item had at a time, and why, step by step.", []string{"item", "market", "at"}, []int{200, 400, 401, 404}, n.explainPrice},
		{"GET", "/v1/markdowns", secretKey, "Announced reductions that are scheduled or run.", nil, []int{200, 401}, n.getMarkdowns},
		{"POST", "/v1/markdowns", secretKey, "Announce a reduction of items or a category, from the lowest price of the 30 days before.", nil, []int{201, 400, 401, 404, 409, 413, 415, 503}, n.postMarkdown},
		{"DELETE", "/v1/markdowns/:id", secretKey, "End a reduction, or with ?item= for one item: the price before returns.", []string{"item"}, []int{200, 401, 404, 409, 503}, n.deleteMarkdown},
		{"POST", "/v1/competitor-prices", secretKey, "What others ask for the same items, NDJSON or {\"prices\":[…]}; it only ever clamps a proposal.", nil, []int{202, 400, 401, 413, 415, 503}, n.postCompetitorPrices},
		{"GET", "/v1/trending", publicKey, "Items viewed most in a window.", []string{"window", "limit"}, []int{200, 400, 401}, n.getTrending},
		{"GET", "/v1/surges", publicKey, "What everyone is flocking to: items viewed far more in the last ten minutes than expected.", []string{"limit"}, []int{200, 400, 401}, n.getSurges},
		{"GET", "/v1/demand", secretKey, "Views, carts and purchases of items with what was expected, cover, run-out and forecast.", []string{"items", "sort", "window", "limit"}, []int{200, 400, 401}, n.getDemand},
		{"GET", "/v1/alerts", secretKey, "What needs a merchandiser now: stock, surges, dead stock, prices.", nil, []int{200, 401}, n.getAlerts},
		{"GET", "/v1/visitors/:id", secretKey, "A visitor's profile, cart and sessions.", nil, []int{200, 401, 404}, n.getVisitor},
		{"DELETE", "/v1/visitors/:id", secretKey, "Erase a visitor everywhere by complete_by: logs, profiles, models, dead letters, history.", nil, []int{202, 400, 401, 503}, n.deleteVisitor},
		{"GET", "/v1/visitors/:id/export", secretKey, "Everything that is held of a visitor, as one document.", nil, []int{200, 400, 401, 503}, n.exportVisitor},

		{"GET", "/v1/live", publicKey, "WebSocket, subprotocol beckon.v1.", []string{"k"}, []int{101, 401, 403, 426, 503}, n.getLive},

		{"GET", "/b.js", open, "The beacon, with widgets.", nil, []int{200, 304}, n.getBeacon},
		{"GET", "/b-core.js", open, "The beacon without widgets.", nil, []int{200, 304}, n.getBeaconCore},

		{"GET", "/healthz", open, "The process is alive.", nil, []int{200}, n.getHealth},
		{"GET", "/readyz", open, "Caught up and accepting; 503 with reasons otherwise.", nil, []int{200, 503}, n.getReady},
		{"GET", "/openapi.json", open, "This description.", nil, []int{200}, n.getOpenAPI},
	}
}
