// Command beckon is the whole product in one binary; `beckon -h` lists its commands.
//
// This package is where everything meets: it reads the configuration, opens log, hub, folds, collector and HTTP from the end of
// the flow to its start, closes them in reverse, and holds the handlers of the public contract. run is shared by main and by
// the end-to-end tests. Nothing imports it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"beckon/clickstream/history/engine"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == engine.Argument { // the child that the embedded ClickHouse engine lives in
		os.Exit(engine.Main())
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode(err))
}

// exitCode prints err and maps it to the documented exit codes: 0 done, 1 failed, 2 bad usage.
func exitCode(err error) int {
	var usage *usageError
	switch {
	case err == nil, errors.Is(err, errHelp):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintln(os.Stderr, "beckon:", err)
		return 2
	default:
		fmt.Fprintln(os.Stderr, "beckon:", err)
		return 1
	}
}
