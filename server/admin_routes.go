package main

import (
	"slices"

	"beckon/server/shop"
)

// adminRoute is one line of the dashboard's contract. Who has no role of at least role is refused before handle runs.
type adminRoute struct {
	method, path string // the path in Fiber's form, parameters as :name
	role         shop.Role
	handle       func(a *adminRequest) error
}

// anyone may use a route without a session. These are few: all that comes before a login.
const anyone shop.Role = ""

// adminRoutes is everything that is served under /admin, and who may use it. Requests are matched in this order.
func (n *node) adminRoutes() []adminRoute {
	return slices.Concat(
		n.loginRoutes(),
		n.overviewRoutes(), n.liveRoutes(), n.recommendationRoutes(), n.funnelRoutes(), n.priceRoutes(), n.stockRoutes(),
		n.offerRoutes(), n.ruleRoutes(), n.experimentRoutes(), n.segmentRoutes(), n.auditRoutes(),
		n.userRoutes(), n.siteRoutes(), n.accountRoutes(), n.healthRoutes(), n.frameRoutes(),
	)
}
