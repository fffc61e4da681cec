package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"beckon/migrations"
)

// migrateCommand brings the history's schema up to date, or prints what that would do. A server does it by itself when it starts.
func migrateCommand(ctx context.Context, e env, args []string) (err error) {
	fs := e.flags("migrate", "[--to N] [--dry-run] [--data DIR]")
	data := e.dataFlag(fs)
	to := fs.Int("to", 0, "the last migration to apply, 0: the newest")
	dry := fs.Bool("dry-run", false, "print the statements and change nothing")
	keep := fs.Duration("history-keep", 0, "how long rows stay after they were received, 0: for ever")
	rest, err := parse(fs, args)
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
	source, err := openSourceAlone(ctx, e, dataDir(*data))
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
