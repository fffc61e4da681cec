package main

import (
	"context"
	"errors"

	"beckon/recommender/evaluation"
)

// evaluateCommand measures recommendation quality on files. The evaluation says itself what was wrong.
func evaluateCommand(_ context.Context, e env, args []string) error {
	switch evaluation.Command(args, e.stdout, e.stderr) {
	case 0:
		return nil
	case 2:
		return usagef("evaluate: see evaluate -h")
	default:
		return errors.New("evaluate: not done")
	}
}
