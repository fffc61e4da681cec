// Package pricing will set prices from what the clickstream shows. Until it does, the catalog's list price is the price.
package pricing
