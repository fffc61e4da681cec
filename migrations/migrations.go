package migrations

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Config says what kind of ClickHouse the schema is for. Cluster and Replicated are chosen once, when the database is first made.
type Config struct {
	Cluster    string        // "": one server. Otherwise DDL goes ON CLUSTER, tables are NAME_local with a Distributed table NAME before them
	Replicated bool          // Replicated… engines, for clusters with more than one replica
	Keep       time.Duration // rows go this long after they were received, in whole seconds; 0: never
	To         int           // the last file to apply, Keep is left alone; 0: the newest
	DryRun     bool          // change nothing
	Applied    func(Step)    // told of each step when it is done, in the caller's goroutine; may be nil
}

// Step is one file, or number 0 named keep: the change of the tables' TTL that Config.Keep asks for.
type Step struct {
	Number     int
	Name       string // "events" of 0001_events.sql
	Checksum   string // hex SHA-256 of the file's statements, rendered for a made-up cluster; comments do not count
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

// Apply brings the database that conn is connected to up to date and returns the steps that it took, with DryRun those that it would
// take. The database must exist; its name is needed where statements of a cluster name it. An error, *ChangedError and *NewerError among
// others, leaves recorded what was done: the next Apply continues behind it.
func Apply(ctx context.Context, conn driver.Conn, database string, cfg Config) ([]Step, error) {
	return apply(ctx, conn, embedded, database, cfg)
}

// Status returns every file with how much of it is applied. It changes nothing. Its errors are Apply's.
func Status(ctx context.Context, conn driver.Conn, database string, cfg Config) ([]Step, error) {
	return status(ctx, conn, embedded, target{database, cfg.Cluster, cfg.Replicated})
}

func apply(ctx context.Context, conn driver.Conn, folder fs.FS, database string, cfg Config) ([]Step, error) {
	t := target{database, cfg.Cluster, cfg.Replicated}
	all, err := status(ctx, conn, folder, t)
	if err != nil {
		return nil, err
	}
	if cfg.To < 0 || cfg.To > len(all) {
		return nil, fmt.Errorf("there is no migration %d, the newest is %d", cfg.To, len(all))
	}
	run := runner{conn: conn, target: t, cfg: cfg}
	for _, step := range all {
		if !step.Pending() || cfg.To > 0 && step.Number > cfg.To {
			continue
		}
		if err := run.step(ctx, step); err != nil {
			return run.taken, err
		}
	}
	if cfg.To == 0 {
		step, err := keepStep(ctx, conn, t, cfg.Keep)
		if err != nil {
			return run.taken, err
		}
		if step.Pending() {
			err = run.step(ctx, step)
		}
		return run.taken, err
	}
	return run.taken, nil
}

// runner executes steps and records them.
type runner struct {
	conn     driver.Conn
	target   target
	cfg      Config
	prepared bool // the table migrations exists
	taken    []Step
}

func (r *runner) step(ctx context.Context, s Step) error {
	if r.cfg.DryRun {
		r.taken = append(r.taken, s)
		return nil
	}
	if !r.prepared {
		if err := r.target.createRecords(ctx, r.conn); err != nil {
			return err
		}
		r.prepared = true
	}
	for s.Pending() {
		if err := r.conn.Exec(ctx, s.Statements[s.Done]); err != nil {
			err = fmt.Errorf("migration %04d_%s, statement %d: %w", s.Number, s.Name, s.Done+1, err)
			if s.Done > 0 {
				r.taken = append(r.taken, s)
			}
			return err
		}
		s.Done++
		if err := s.record(ctx, r.conn); err != nil {
			return err
		}
		s.Applied = time.Now().UTC()
	}
	r.taken = append(r.taken, s)
	if r.cfg.Applied != nil {
		r.cfg.Applied(s)
	}
	return nil
}

// status is every file of folder with what the database records of it.
func status(ctx context.Context, conn driver.Conn, folder fs.FS, t target) ([]Step, error) {
	files, err := load(folder, "sql")
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errors.New("no migrations")
	}
	recorded, err := t.records(ctx, conn)
	if err != nil {
		return nil, err
	}
	for number := range recorded {
		if number > len(files) {
			return nil, newer(recorded, len(files))
		}
	}
	steps := make([]Step, 0, len(files))
	for _, f := range files {
		list, err := t.render(f.path, f.text)
		if err != nil {
			return nil, err
		}
		s := Step{Number: f.number, Name: f.name, Checksum: f.checksum, Statements: list}
		if was, ok := recorded[f.number]; ok {
			if was.Checksum != f.checksum {
				return nil, &ChangedError{File: f.path, Applied: was.Checksum, Here: f.checksum}
			}
			s.Done, s.Applied = min(was.Done, len(list)), was.Applied
		}
		steps = append(steps, s)
	}
	return steps, nil
}

func newer(recorded map[int]Step, known int) error {
	e := &NewerError{Known: known}
	for number := range recorded {
		e.Database = max(e.Database, number)
	}
	return e
}
