package health

import "time"

// Numbers is what the server knows of itself at one instant. Counts are since the start of the server where nothing else is said.
type Numbers struct {
	Now     int64 // Unix ms
	Started int64 // Unix ms
	Version string

	NotReady []string // why the server is not ready, in the words of /readyz
	Panics   int64    // requests that met a bug of the server

	Ledger Ledger // of the site
	Whole  Ledger // of all sites

	Folds     []Fold
	LagBound  int64 // records behind which intake is refused
	Intake    Intake
	Checks    Checkpoints
	Notes     []string // what the shop's state got over by itself
	Control   uint64   // records of the control log
	StoreFail int64    // requests that could not be stored
	LastFail  int64    // Unix ms of the last noted one, 0 none

	Model   Model
	Streams []Stream // click-through by placement; the last is that of unknown items, with Name ""
	Warming bool

	History History
	Push    Push
	Disk    Disk
	Memory  Memory
	Erasing Erasing
	Prices  Prices

	Work   Work
	Limits Limits

	Letters []Letter // newest first
	Codes   []Code   // most first
}

// Ledger is what became of events. Received is the sum of the three after it, or something is lost.
type Ledger struct{ Received, Stored, Duplicates, Rejected, Late, DeadLetters int64 }

// Balanced says that nothing is lost.
func (l Ledger) Balanced() bool { return l.Received == l.Stored+l.Duplicates+l.Rejected }

// Fold is one reader of the events log.
type Fold struct {
	Name   string
	Lag    int64 // records that are durable and not applied
	Behind time.Duration
	Failed string // why it stopped, "" it runs
}

// Intake is the way in.
type Intake struct {
	QueueBytes, QueueBound int64
	IDs, MaxIDs            int
	Refused                int64 // requests refused by overload
	FlushFailures          int64
	Dropped, Failed        int64 // impressions that were not logged
}

// Checkpoints are the snapshots of folds.
type Checkpoints struct {
	Written int64
	Failed  string
	Newest  int64 // Unix ms, 0 none yet
	Every   time.Duration
}

// Model is the site's models.
type Model struct {
	Version string
	Visits  int64 // thousands learned from, times 1000
}

// Stream is a share that is watched for change.
type Stream struct {
	Name    string
	N       int64
	Share   float64
	Changed bool
	At      int64 // Unix ms
	From    float64
}

// History is ClickHouse.
type History struct {
	Configured bool
	Known      bool
	Err        string // of the last attempt
	Refused    string // why nothing is written at all
	Schema     string
	Trouble    string // why there is none
	LagRows    int64
	LagTime    time.Duration
	Rows       int64
	SetAside   int64
	Lost       int64 // records or findings that were gone before they were written
	Restarts   int64
	Retries    int64
}

// Push is the sockets.
type Push struct {
	Open, Bound    int64
	Refused, Slow  int64
	Dead, Resynced int64
	Recovered      int64
	Frames         int64
}

// Disk is the data folder's.
type Disk struct {
	Free, Total int64 // bytes; Total 0: not known
	Events      int64 // bytes of the events log
	ControlLog  int64
	History     int64
	Rest        int64
	PerDay      int64 // bytes by which free space shrinks; meaningful with Known
	Known       bool
	Full        int64 // writes that found no room
	Retain      time.Duration
}

// Memory is the process's.
type Memory struct {
	Resident, Heap, Bound int64 // bytes; Bound 0: not known
	Goroutines            int
}

// Erasing is erasures under way.
type Erasing struct {
	Waiting int
	Since   int64 // Unix ms of the oldest
}

// Prices is what holds the site's prices.
type Prices struct {
	BreakerOpen bool
	Alerts      int
	Frozen      bool
}

// Work is a backup or export under way.
type Work struct{ Done, Total uint64 }

// Limits are how much is taken from whom, a second; 0 is no limit.
type Limits struct {
	Key, Visitor, Address int64
	Sockets, PerAddress   int64
	Body                  int64 // bytes
	Quote                 time.Duration
}

// Letter is an event that was refused and kept.
type Letter struct {
	ID, Code, Message, EventID string
	Time                       int64 // Unix ms
	Replayed                   bool
}

// Code is how many of the kept letters have a code.
type Code struct {
	Code  string
	Count int64
}
