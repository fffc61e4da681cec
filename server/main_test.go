package main

import (
	"os"
	"testing"

	"beckon/clickstream/history/engine"
)

// TestMain lets the test binary be the engine's child as well, as the real one is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == engine.Argument {
		os.Exit(engine.Main())
	}
	os.Exit(m.Run())
}
