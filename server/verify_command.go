package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"beckon/clickstream"
	"beckon/clickstream/eventlog"
)

// verifyCommand reads a data folder on which no server runs and checks every checksum of logs and snapshots, that the ledger balances and
// says what the log says, that price decisions come out as they stand, that the accounts of campaigns balance, and that the history has
// what the ledger says, once. It changes nothing but what a start would repair.
func verifyCommand(ctx context.Context, e env, args []string) error {
	fs := e.flags("verify", "--data DIR [--history URL]")
	data := e.dataFlag(fs)
	url := fs.String("history", "", "`URL` of the ClickHouse server that has the history; the folder's own engine is verified without")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("verify: %q is not understood", rest[0])
	}
	dir := dataDir(*data)
	if _, err := os.Stat(dir.events()); err != nil {
		return fmt.Errorf("no data folder: %w", err)
	}
	if _, ok := runningServer(dir); ok {
		return errors.New("verify: a server runs on this folder; stop it, or verify a backup of it")
	}
	v := verifier{e.stdout, nil}
	v.log("events log", dir.events())
	v.log("control log", dir.control())
	if _, err := os.Stat(dir.plans()); err == nil {
		v.log("plan log", dir.plans())
	}
	v.checkpoints(dir.checkpoints())
	if len(v.bad) == 0 { // opening a damaged log would be refused anyway
		sites, err := v.ledger(ctx, e, dir)
		if err != nil {
			return err
		}
		if err := v.control(ctx, e, dir); err != nil {
			return fmt.Errorf("control log: %w", err)
		}
		if err := v.history(ctx, e, dir, *url, sites); err != nil {
			return fmt.Errorf("history: %w", err)
		}
	}
	if len(v.bad) > 0 {
		return fmt.Errorf("verify: %w", errors.Join(v.bad...))
	}
	fmt.Fprintln(e.stdout, "all is well")
	return nil
}

type verifier struct {
	out io.Writer
	bad []error
}

func (v *verifier) log(name, dir string) {
	report, err := eventlog.Verify(dir)
	if err != nil {
		v.bad = append(v.bad, fmt.Errorf("%s: %w", name, err))
		return
	}
	fmt.Fprintf(v.out, "%-12s %d segments, %d records, %d bytes\n", name, report.Segments, report.Records, report.Bytes)
	for _, damage := range report.Damage {
		v.bad = append(v.bad, fmt.Errorf("%s: %w", name, damage))
	}
}

func (v *verifier) checkpoints(dir string) {
	found, err := clickstream.VerifyCheckpoints(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		v.bad = append(v.bad, fmt.Errorf("checkpoints: %w", err))
	}
	for _, c := range found {
		if c.Err != nil {
			v.bad = append(v.bad, fmt.Errorf("checkpoints: %w", c.Err))
			continue
		}
		fmt.Fprintf(v.out, "checkpoint   %s, %d bytes\n", c.Path, c.Size)
	}
}

func (v *verifier) ledger(ctx context.Context, e env, dir dataDir) ([]clickstream.SiteAudit, error) {
	s, err := dir.openSecret(e.getenv("BECKON_SECRET"))
	if err != nil {
		return nil, err
	}
	seed, err := s.seed("dedup")
	if err != nil {
		return nil, err
	}
	log, err := eventlog.Open(eventlog.Config{Dir: dir.events()})
	if err != nil {
		return nil, err
	}
	sites, whole, err := clickstream.Audit(ctx, clickstream.CollectorConfig{Log: log, Dir: dir.collector(), Partitions: log.Partitions() - 1, Seed: seed})
	if err := errors.Join(err, log.Close()); err != nil {
		return nil, err
	}
	if !whole {
		fmt.Fprintln(v.out, "the log was trimmed by retention: the ledger is checked for its own balance only")
	}
	for _, a := range sites {
		l := a.Ledger
		fmt.Fprintf(v.out, "ledger       site %s: received %d = stored %d + duplicates %d + rejected %d, erased %d\n", a.Site, l.Received, l.Stored, l.Duplicates, l.Rejected, l.Erased)
		if !whole {
			a.Log = l
		}
		if !a.Balances() {
			v.bad = append(v.bad, fmt.Errorf("ledger of site %s: it says %+v, the log says %+v", a.Site, a.Ledger, a.Log))
		}
	}
	return sites, nil
}
