package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"beckon/migrations"
)

// migrateCommand brings the history's schema up to date, or prints what that would do. A server does it by itself when it starts.
func migrateCommand(ctx context.Context, e env, args []string) (err error) {
	flags := e.flags("migrate", "[--to N] [--dry-run] [--data DIR]")
	data := e.dataFlag(flags)
	to := flags.Int("to", 0, "the last migration to apply, 0: the newest")
	dry := flags.Bool("dry-run", false, "print the statements and change nothing")
	keep := flags.Duration("history-keep", 0, "how long rows stay after they were received (default: left as it is; a server's own --history-keep decides at its start)")
	rest, err := parse(flags, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("migrate: %q is not understood", rest[0])
	}
	if *to < 0 || *to > migrations.Latest() {
		return usagef("to: %d is not from 0 to %d", *to, migrations.Latest())
	}
	if *keep != 0 && *keep < 24*time.Hour {
		return usagef("history-keep: %v is not 0 or at least 24h", *keep)
	}
	if *to == 0 && *keep == 0 {
		*to = migrations.Latest() // which leaves alone how long rows stay
	}
	dir := dataDir(*data)
	if _, err := os.Stat(dir.history()); *dry && errors.Is(err, fs.ErrNotExist) { // an engine at work elsewhere leaves nothing here
		tmp, err := os.MkdirTemp("", "beckon-migrate-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		dir = dataDir(tmp)
	}
	source, err := openSourceAlone(ctx, e, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.close(ctx)) }()
	steps, err := source.migrate(ctx, migrations.Config{To: *to, DryRun: *dry, Keep: *keep})
	if err != nil {
		return err
	}
	return printSteps(e.stdout, steps, *dry)
}

func printSteps(w io.Writer, steps []migrations.Step, dry bool) error {
	for i := range steps {
		s := &steps[i]
		if !dry {
			fmt.Fprintf(w, "applied %04d %s, %d statements\n", s.Number, s.Name, len(s.Statements))
			continue
		}
		fmt.Fprintf(w, "-- %04d %s, from statement %d of %d\n", s.Number, s.Name, s.Done+1, len(s.Statements))
		for _, text := range s.Statements[s.Done:] {
			fmt.Fprintf(w, "%s;\n\n", strings.TrimSpace(text))
		}
	}
	if len(steps) == 0 {
		fmt.Fprintf(w, "up to date at migration %d\n", migrations.Latest())
	}
	return nil
}
