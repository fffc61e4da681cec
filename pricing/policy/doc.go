// Package policy learns how demand answers to price and says which price to ask next.
//
// What is learned of one item is a State: units sold and exposure (views times season) by price. From it
// the exact Poisson-Gamma posterior over elasticities is computed on a grid whenever it is asked for, under
// a prior pooled over the item's category (Pool). Observe adds one closed slot to a State; Propose chooses a
// price from a State, a Pool and the item's costs, bounds, stock and competitors; Curve gives the demand
// curve with its band for a chart.
//
// How a price is chosen. Prior: a category's elasticities are lognormal and its curves have a shape (isoelastic,
// exponential, straight). What all its prices together imply counts as one opinion, since they may share one mistake;
// the rest has to come from sales. The shop's own price says what elasticity it would be right for, and is right with the
// share of the category's prices that are. Home is the price of highest expected profit if it is better than the
// shop's own with probability 0.7 and by half a percent, else the shop's own. A test price is asked where what it
// teaches (Fisher's information on the elasticity times the worth of knowing it over Params.Horizon) is worth more
// than it costs, as long as the tests so far have cost less than Params.Budget of profit; tests that are expected
// to earn no less than the shop's own price are free. Sums of residuals (CUSUM) find shifts of demand: the level
// is learned anew, the elasticity keeps a third of its weight.
//
// Promise: every function is pure but for the State it is handed; the same arguments give the same bytes,
// on any architecture: exponentials and logarithms are this package's own, products are rounded before they
// are added, sums run in a fixed order, and nothing is drawn by chance. A State survives JSON exactly.
// A Proposal never lies outside [Floor, Ceiling] of its Input unless these contradict each other, and never
// more than Params.MaxStep from Input.Current unless Current itself lies outside them.
//
// Units: prices and costs are minor units of one currency, times Unix milliseconds, demand units per slot; a
// slot is as long as Params.Slot says (a day by default). Rates are per slot unless a name says per day.
//
// Concurrency: nothing is shared; a State is not to be observed and read at the same time.
//
// It never reads a clock, logs, does I/O, or sees a shopper. It imports nothing of this module.
package policy
