package main

import (
	"context"
	"fmt"

	"beckon/clickstream/history/engine"
)

// engineCommand says where the embedded ClickHouse engine's library is.
func engineCommand(ctx context.Context, e env, args []string) error {
	fs := e.flags("engine", "status")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "status" {
		return usagef("engine: status is needed")
	}
	if path, err := engine.Library(e.getenv(engine.LibraryVariable)); err == nil {
		fmt.Fprintf(e.stdout, "libchdb %s is at %s\n", engine.Version, path)
		return nil
	} else {
		return err
	}
}
