// Package guard is what stands between a proposed price and the shop's pages: the guardrails, as one pure function.
//
// Apply takes a proposal and the limits of its item and says which price may be published. It knows the price in force, the proposal,
// the time and the limits; nothing of a shopper can reach it, because its input has no room for it (a test walks the type). The same
// input gives the same verdict on every machine: fractions are turned into millionths once, everything after is exact integer
// arithmetic, and there is no clock, no random number and no state. Apply may be called from any goroutine; it allocates the trace.
//
// # Order
//
//	1 kill, freeze   the price in force stays, whatever else holds
//	2 map            not below the minimum advertised or legal price
//	3 floor          not below max(cost·(1+margin), the item's minimum)
//	4 ceiling        not above it
//	5 step           not further from the price in force than the largest step
//	6 dwell          not sooner after the last change than this
//	7 deadband       not for a smaller change than this
//	8 edge           a price in force that is outside 2-4 goes to their edge at once if 5-7 would keep it outside; it alerts
//	9 rounding       to the nearest price of the wanted ending (x.99) that 2-7 allow
//	10 hard          the floor, minimum and ceiling again, after rounding
//
// Hard limits (1-4) beat soft ones (5-7), and the earlier hard one beats the later. Limits that leave no price between them (a floor
// above the ceiling) or that are no limits (negative, not a number, beyond MaxAmount) are infeasible: the price in force stays, and the
// verdict says so, for the item to be frozen and a person to be told.
//
// # Conflicts
//
//	frozen, and the price in force outside a hard limit    it stays; alert frozen_outside
//	frozen, and the limits infeasible                      it stays; alert frozen_outside
//	minimum advertised price above the ceiling             infeasible
//	floor above the ceiling                                infeasible
//	minimum advertised price and floor                     the higher of the two
//	outside a hard limit, the proposal allowed by 5-7      the proposal
//	outside a hard limit, 5-7 keep it outside              the edge, at once, however far and soon; alert
//	largest step smaller than the deadband                 the price never moves, except to an edge
//	largest step below one minor unit                      the same
//	no price in force yet                                  hard limits and rounding only
//	no proposal                                            the price in force is the proposal
//
// # Rounding
//
// A price of the wanted ending is k·Step+Ending above 0. The one nearest to the price so far is taken, the lower of two as near,
// among those that obey every rule so far; rounding never turns an allowed price into a forbidden one.
//
//	a move inside the limits, with such a price in reach   that price: within the step, beyond the deadband, on the side of the move
//	the same, and the price in force is as near            the price in force stays: no move further than was proposed for an ending's sake
//	the same, with none in reach                           the price in force stays: a shop with x.99 everywhere shows no x.37
//	the same, from outside the hard limits                 the price as it is: staying would be forbidden
//	a move to an edge                                      such a price inside the limits, at most one largest step beyond the edge; else the edge
//	the first price of an item                             such a price inside the hard limits, else the price as it is
//	no move                                                the price in force, whatever its ending
//
// Violation is the other half: it says which rule a published price breaks, and is written from the rules above without calling Apply,
// so that tests, the simulation and the fold that accepts decisions check one against the other.
//
// Breaker watches a whole catalog: when its prices together moved too far within a day it opens, and prices hold until the next day or
// until a person closes it.
//
// The package imports nothing of ours.
package guard
