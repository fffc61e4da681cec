// Package push holds the shoppers' sockets: who is connected, what each wants to hear of, and the frames on their way.
//
//	Accept ──▶ reader goroutine ──commands──▶ ┌ turn of one connection, run by a small pool ┐ ──▶ wire ──▶ socket
//	Publish…, Acted, wheel ──frames, flags──▶ └ decode · ask the Backend · frame · flush    ┘
//
// Promises. Frames of a connection carry offsets that never fall. Offers are a sequence: each has an offset above everything a
// shopper was sent before it, stays in a bounded ring, and after a reconnect comes exactly once, in order, or the shopper is told
// `resync`. Stock, price and recommendations are state: the latest of each is sent again after every subscribe, and a newer frame
// replaces an older one that still waits. A socket that does not read blocks nobody: its queue is bounded, then it gets only the
// latest of each kind and is closed with 3008. A shopper's token decides every channel; a client cannot name another shopper's.
//
// Concurrency. All methods of Hub but Drain may be called from any goroutine and never wait for a socket. A connection costs one
// goroutine, which waits on a 2 KiB stack for the client to speak. Everything else about it happens in its turn, which one worker at a time runs, so most of its state has one owner and
// no lock. Workers only write what the kernel takes at once; a socket that takes less gets a goroutine of its own, bounded by
// Config.WriteTimeout, until it does. All deadlines (heartbeat, hello, expiry, refresh, close) are entries of one timing wheel.
//
// Lifecycle. New starts the workers and the wheel; Drain closes every connection, stops them and waits for all goroutines.
//
// The package never reads a log, knows no HTTP framework, decides no price or recommendation, and imports nothing of ours: what it
// sends comes from the Backend and from the callers of Publish…
package push
