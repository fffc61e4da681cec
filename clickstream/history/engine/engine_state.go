package engine

import "time"

// State is how an engine does, for health pages.
type State struct {
	Running     bool
	PID         int       // of the running child, else 0
	Since       time.Time // of Running's last change
	Restarts    int       // children after the first that answered
	LastExit    string    // how the last child ended, in words; "" while the first one lives
	Retry       time.Time // when the next child is started; zero while one runs
	Network     string    // unix or tcp
	Address     string    // of the socket or port
	Version     string    // ClickHouse's
	BrokenParts int       // parts that ClickHouse could not read at its start and set aside: rows may be missing
	MemoryBytes int64     // the limit
}
