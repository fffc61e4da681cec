// Package simulate proves the price policy on worlds whose demand is known.
//
// A Scenario describes a truth: items with a demand curve, a price, a cost and traffic, over some days. From a scenario and a seed a
// world is drawn; every policy then prices that world, one price an item and day, with common random numbers: the same visitors come
// whatever the price, and how many of them buy is the same quantile of the true distribution at the price they see. A policy that
// publishes the prices of another one therefore sells exactly the same pieces, and differences between policies are differences of
// prices alone.
//
// Policies: fixed (the shop's own price, never touched), greedy (the best price under the posterior mean, no exploration: it stalls),
// beckon (the product's own code: pricing.Decide), clairvoyant (knows the truth; bound by the same floor and ceiling, not by step, dwell
// and deadband), and for comparison thompson (plain Thompson sampling) and greedy_pooled. Everything but fixed and clairvoyant publishes
// through guard.Apply, and every price published that way is checked with guard.Violation.
//
// Promise: the same scenarios, seeds and policies give the same Report, byte for byte, on any number of cores. Losing scenarios are in
// the report like all others, and named in it.
//
// Run uses Config.Workers goroutines and waits for them; a world is read by one goroutine. Command is `evaluate --kind prices`.
//
// The package never reads a clock or the network, and no file but the one that --scenarios names. It imports pricing, pricing/guard
// and pricing/policy.
package simulate
