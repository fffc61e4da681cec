package main

import (
	"context"
	"fmt"

	"github.com/schollz/progressbar/v3"

	"beckon/clickstream/history/engine"
)

// engineCommand brings the embedded ClickHouse engine's library, or says where it is.
func engineCommand(ctx context.Context, e env, args []string) error {
	fs := e.flags("engine", "fetch | status")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "fetch" && rest[0] != "status" {
		return usagef("engine: fetch or status is needed")
	}
	if path, err := engine.Library(e.getenv(engine.LibraryVariable)); err == nil {
		fmt.Fprintf(e.stdout, "libchdb %s is at %s\n", engine.Version, path)
		return nil
	} else if rest[0] == "status" {
		return err
	}
	var bar *progressbar.ProgressBar
	path, err := engine.Fetch(ctx, func(done, total int64) {
		if bar == nil {
			bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(e.stderr), progressbar.OptionShowBytes(true),
				progressbar.OptionSetDescription("libchdb "+engine.Version), progressbar.OptionClearOnFinish())
		}
		_ = bar.Set64(done) // a bar that cannot be drawn stops nothing
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "libchdb %s is at %s\n", engine.Version, path)
	return nil
}
