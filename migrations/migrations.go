package migrations

import (
	"context"
	"fmt"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Config says what kind of ClickHouse the schema is for.
type Config struct {
	Cluster    string        // "": one server. Otherwise DDL goes ON CLUSTER, tables are NAME_local with a Distributed table NAME before them
	Replicated bool          // Replicated… engines, for clusters with more than one replica
	Keep       time.Duration // rows go this long after they were received, in whole seconds; 0: never
	To         int           // the last file to apply; 0: the newest
	DryRun     bool          // change nothing
	Applied    func(Step)    // told of each step when it is done, in the caller's goroutine; may be nil
}

// Step is one file, or number 0: the change of the table settings that Config asks for.
type Step struct {
	Number     int
	Name       string // "events" of 0001_events.sql
	Checksum   string // hex SHA-256 of the file, as it is before it is rendered
	Statements []string
	Done       int       // how many of Statements are applied
	Applied    time.Time // of the last applied statement, UTC; zero when none is
}

// Pending says whether statements of the step are left.
func (s *Step) Pending() bool { return s.Done < len(s.Statements) }

// ChangedError says that an applied file is not the one that was applied.
type ChangedError struct {
	File          string
	Applied, Here string // checksums
}

func (e *ChangedError) Error() string {
	return fmt.Sprintf("%s changed after it was applied: checksum %s, applied was %s", e.File, e.Here, e.Applied)
}

// NewerError says that the database was made by a newer binary.
type NewerError struct {
	Database int // the newest applied file
	Known    int // the newest file here
}

func (e *NewerError) Error() string {
	return fmt.Sprintf("the database is at migration %d, this binary knows %d: run a newer one", e.Database, e.Known)
}

// Apply brings the database that conn is connected to up to date and returns the steps it took; the database must exist. With DryRun
// it returns the steps it would take. An error leaves what was done recorded: the next Apply continues behind it.
func Apply(ctx context.Context, conn driver.Conn, database string, cfg Config) ([]Step, error) {
	return nil, fmt.Errorf("not yet")
}

// Status returns every file with how much of it is applied. It changes nothing.
func Status(ctx context.Context, conn driver.Conn, database string, cfg Config) ([]Step, error) {
	return nil, fmt.Errorf("not yet")
}

// Latest is the number of the newest file.
func Latest() int { return 1 }
