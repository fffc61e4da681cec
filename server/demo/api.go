package demo

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"
)

// Item is one thing that the demo shop sells.
type Item struct {
	ID       string
	Title    string
	Brand    string
	Category string
	Type     string
	Price    int64 // minor units of Currency
	Stock    int64
}

// Currency is what the demo shop's prices are in.
const Currency = "EUR"

// Catalog is what the demo shop sells.
type Catalog struct{ Items []Item }

// NewCatalog makes the catalog of a seed.
func NewCatalog(seed uint64) *Catalog { return &Catalog{} }

// WriteNDJSON writes the catalog as PUT /v1/items takes it.
func (c *Catalog) WriteNDJSON(w io.Writer) error { return nil }

// Account is how the demo shop reaches the server: as any shop would.
type Account struct {
	URL    string       // where the API answers: http://127.0.0.1:8080
	Public string       // pk_…
	Secret string       // sk_…
	Client *http.Client // nil: one with a 10 s timeout
}

// Shop is what Register needs.
type Shop struct {
	Account
	Catalog *Catalog
}

// Register adds the demo shop's routes below /shop.
func Register(app *fiber.App, shop Shop) {}

// Fill puts the catalog into an empty site and imports half an hour of past behaviour. A site that has items is left as it is.
func Fill(ctx context.Context, account Account, catalog *Catalog, seed uint64, now time.Time) (Filled, error) {
	return Filled{}, nil
}

// Filled says what Fill did.
type Filled struct{ Items, Events int }

// Simulation is how many shoppers do what.
type Simulation struct {
	Account
	Catalog  *Catalog
	Shoppers int     // at the same time
	Rate     float64 // how many times faster than people; 0: 1
	Seed     uint64
	For      time.Duration // 0: until the context ends
	Progress func(Tally)   // called about once a second; nil: not
}

// Tally counts what simulated shoppers did.
type Tally struct {
	Sessions, Events, Duplicates, Rejected, Purchases, Waits, Errors int64
}

// Simulate runs shoppers until the context ends or For is over. The error is nil in both cases.
func Simulate(ctx context.Context, s Simulation) (Tally, error) { return Tally{}, nil }
