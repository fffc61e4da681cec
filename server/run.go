package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// errHelp says that help was asked for and printed.
var errHelp = errors.New("help printed")

// usageError is a command line or setting that cannot be followed.
type usageError struct{ msg string }

func (e *usageError) Error() string { return e.msg }

func usagef(format string, args ...any) error {
	return &usageError{fmt.Sprintf(format, args...)}
}

// env is what a command may use of the outside.
type env struct {
	getenv func(string) string
	stdout io.Writer
	stderr io.Writer
}

type command struct {
	name, args, does string
	run              func(ctx context.Context, e env, args []string) error
}

func commands() []command {
	return []command{
		{"serve", "[--demo] [--addr :8080] [--data ./data]", "collector, folds, API, push and, with --demo, a demo shop", serveCommand},
		{"simulate", "--url URL [--shoppers N] [--rate X] [--seed S] [--for D]", "simulated shoppers against a running server", simulateCommand},
		{"replay", "FILE… [--format F] | --from-history", "real history through the same path, into a site of its own; or logs and folds anew from ClickHouse", replayCommand},
		{"evaluate", "--kind sessions|baskets --train F --test F | --kind prices", "quality of recommendations on files, of prices in simulation", evaluateCommand},
		{"bench", "[--json] [--only ROWS]", "the benchmarks, one table", benchCommand},
		{"migrate", "[--to N] [--dry-run]", "the history's ClickHouse schema, which a server keeps up to date by itself", migrateCommand},
		{"engine", "fetch|status", "the embedded ClickHouse engine's library", engineCommand},
		{"verify", "--data DIR", "every checksum of a data folder, and that its ledger balances", verifyCommand},
		{"sites", "list|create|update|retire", "the sites of an installation", sitesCommand},
		{"keys", "list|create|rotate|revoke", "a site's keys", keysCommand},
		{"admin", "list|add|change|remove", "dashboard users", adminCommand},
		{"prices", "explain|replay|freeze", "why a price is what it is, every decision recomputed from the log, and the engine stopped", pricesCommand},
		{"backup", "DIR", "a consistent copy of the data folder, also while running", backupCommand},
		{"restore", "DIR", "a backup back into an empty data folder", restoreCommand},
		{"export", "--from D --to D TARGET", "a range of the history as Parquet files, in a folder or an S3-compatible store", exportCommand},
	}
}

// run executes one command line. It returns when the command is done or, for commands that serve, after ctx ends and all is closed.
func run(ctx context.Context, args []string, getenv func(string) string, stdout, stderr io.Writer) error {
	e := env{getenv, stdout, stderr}
	if len(args) == 0 {
		printUsage(stderr)
		return usagef("a command is needed")
	}
	if args[0] == "-h" || args[0] == "--help" || args[0] == "help" {
		printUsage(stdout)
		return errHelp
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return c.run(ctx, e, args[1:])
		}
	}
	return usagef("unknown command %q; beckon -h lists them", args[0])
}

func printUsage(w io.Writer) {
	fmt.Fprintln(w, "Real-time personalization for online shops.")
	fmt.Fprintln(w)
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, c := range commands() {
		fmt.Fprintf(tw, "  beckon %s\t%s\n", c.name, c.does)
	}
	tw.Flush()
	fmt.Fprintln(w, "\nEach command explains itself with -h. Flags override BECKON_* environment variables.")
}

// flags returns a flag set that reports through errors instead of exiting, with a usage line.
func (e env) flags(name, args string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(e.stdout)
	fs.Usage = func() {
		fmt.Fprintf(e.stdout, "usage: beckon %s %s\n", name, args)
		fs.PrintDefaults()
	}
	return fs
}

// parse reads args, flags and other words in any order, and returns the other words.
func parse(fs *flag.FlagSet, args []string) ([]string, error) {
	var rest []string
	quiet := fs.Output()
	for {
		fs.SetOutput(io.Discard)
		err := fs.Parse(args)
		fs.SetOutput(quiet)
		if errors.Is(err, flag.ErrHelp) {
			fs.Usage()
			return nil, errHelp
		}
		if err != nil {
			return nil, usagef("%s: %s", fs.Name(), strings.TrimSpace(err.Error()))
		}
		args = fs.Args()
		if len(args) == 0 {
			return rest, nil
		}
		rest, args = append(rest, args[0]), args[1:]
	}
}
