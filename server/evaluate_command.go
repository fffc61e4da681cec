package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/schollz/progressbar/v3"

	"beckon/pricing/simulate"
	"beckon/recommender/evaluation"
)

// evaluateCommand measures on files how good recommendations are, or in simulation how good prices are. The evaluation says itself what
// was wrong.
func evaluateCommand(ctx context.Context, e env, args []string) error {
	var code int
	switch kind := kindOf(args); kind {
	case "prices":
		code = simulate.Command(ctx, args, e.stdout, e.stderr, worldsBar(e.stderr))
	case "", "sessions", "baskets":
		code = evaluation.Command(args, e.stdout, e.stderr)
		if code == 0 && kind == "" { // -h: nothing else is done without a kind
			fmt.Fprintln(e.stderr, "\nevaluate --kind prices plays price policies on worlds whose demand is known; its own flags: evaluate --kind prices -h")
		}
	default:
		return usagef("evaluate: --kind %q is not one of sessions, baskets, prices", kind)
	}
	switch code {
	case 0:
		return nil
	case 2:
		return usagef("evaluate: see evaluate -h")
	default:
		return errors.New("evaluate: not done")
	}
}

// kindOf is the value of the last --kind among the arguments, before anything else of them is understood.
func kindOf(args []string) string {
	kind := ""
	for i, arg := range args {
		name, value, given := strings.Cut(arg, "=")
		switch {
		case arg == "--":
			return kind
		case name != "--kind" && name != "-kind":
		case given:
			kind = value
		case i+1 < len(args):
			kind = args[i+1]
		}
	}
	return kind
}

// worldsBar draws a bar of the worlds that have been played.
func worldsBar(out io.Writer) func(total int) func(done int) {
	return func(total int) func(done int) {
		bar := progressbar.NewOptions(total,
			progressbar.OptionSetWriter(out), progressbar.OptionSetDescription("worlds"), progressbar.OptionSetWidth(30),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetPredictTime(true),
			progressbar.OptionClearOnFinish())
		return func(done int) { _ = bar.Set(done) } // a bar that cannot be drawn stops nothing
	}
}
