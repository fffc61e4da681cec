package push

import (
	"runtime"
	"time"
)

// Config is what a Hub is made of. Every limit and time that is 0 has the default in its comment.
type Config struct {
	Epoch   string // incarnation of the events log, sent in every frame; a client of another epoch is told to resync
	Backend Backend
	Now     func() time.Time // nil: time.Now

	// Seen is told of every `seen` frame: the shopper was shown the offer id. It must not wait. nil: nobody is told.
	Seen func(who Shopper, id string)

	MaxConns           int // 50,000; more are refused with HTTP 503
	MaxConnsPerAddress int // 1,000; more are refused with HTTP 429; below 0: no limit of its own
	MaxConnsPerVisitor int // 16; more are closed with 3503
	MaxSubscriptions   int // 64 items, and as many placements, of one connection; as many again for cart, wishlist and page

	QueueFrames int   // 128 frames waiting for one connection
	QueueBytes  int   // 256 KiB of them
	ReadLimit   int64 // 4 KiB, longest client frame; longer ones are closed with 1009

	RingOffers int // 32 offers kept for the resume of one shopper
	MaxRings   int // 20,000 shoppers whose offers are kept; above it the longest silent ones' are forgotten

	Heartbeat    time.Duration // 25 s between pings; a peer silent for a whole one after a ping is closed
	HelloTimeout time.Duration // 10 s from connect to hello
	WriteTimeout time.Duration // 10 s for a socket that takes no more bytes
	CloseTimeout time.Duration // 5 s for a peer to answer a close frame
	Refresh      time.Duration // 30 s between refreshes of one placement that others' behaviour causes

	RefreshesPerSecond int // 1,000 such refreshes computed in the whole hub; the rest come later
	RulesPerSecond     int // 5,000 answers computed because the shop changed its rules; the rest come later
	Workers            int // twice GOMAXPROCS, at least 4: connections whose turn runs at the same time
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	count := func(n *int, def int) {
		if *n == 0 {
			*n = def
		}
	}
	span := func(d *time.Duration, def time.Duration) {
		if *d == 0 {
			*d = def
		}
	}
	count(&c.MaxConns, 50_000)
	count(&c.MaxConnsPerAddress, 1000)
	count(&c.MaxConnsPerVisitor, 16)
	count(&c.MaxSubscriptions, 64)
	count(&c.QueueFrames, 128)
	count(&c.QueueBytes, 256<<10)
	count(&c.RingOffers, 32)
	count(&c.MaxRings, 20_000)
	count(&c.RefreshesPerSecond, 1000)
	count(&c.RulesPerSecond, 5000)
	count(&c.Workers, max(4, 2*runtime.GOMAXPROCS(0)))
	if c.ReadLimit == 0 {
		c.ReadLimit = 4 << 10
	}
	span(&c.Heartbeat, 25*time.Second)
	span(&c.HelloTimeout, 10*time.Second)
	span(&c.WriteTimeout, 10*time.Second)
	span(&c.CloseTimeout, 5*time.Second)
	span(&c.Refresh, 30*time.Second)
	return c
}
