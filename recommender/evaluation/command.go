package evaluation

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"beckon/recommender"
)

// Exit codes of Command.
const (
	exitDone = iota
	exitFailed
	exitUsage
)

// Command runs `evaluate` with its arguments and returns the exit code: 0 done, 1 failed, 2 bad usage. The result goes to stdout, as a
// table or with --json as one object; progress and errors go to stderr.
func Command(args []string, stdout, stderr io.Writer) int {
	var c command
	flags := c.flags(stderr)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return exitDone
	case err != nil:
		return exitUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "evaluate: unexpected argument %q\n", flags.Arg(0))
		return exitUsage
	}
	result, err := c.run(stderr)
	switch {
	case errors.Is(err, ErrUsage):
		fmt.Fprintln(stderr, "evaluate:", err)
		return exitUsage
	case err != nil:
		fmt.Fprintln(stderr, "evaluate:", err)
		return exitFailed
	}
	if err := c.print(stdout, result); err != nil {
		fmt.Fprintln(stderr, "evaluate:", err)
		return exitFailed
	}
	return exitDone
}

type command struct {
	kind, train, test, mode, task, method string
	minPrefix                             int
	json, quiet                           bool
}

func (c *command) flags(stderr io.Writer) *flag.FlagSet {
	var sessions []string
	for _, m := range recommender.Methods() {
		sessions = append(sessions, m.Name)
	}
	f := flag.NewFlagSet("evaluate", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&c.kind, "kind", "", "what to measure: sessions or baskets")
	f.StringVar(&c.train, "train", "", "`file` to learn from, plain or gzip")
	f.StringVar(&c.test, "test", "", "`file` to predict, plain or gzip")
	f.StringVar(&c.mode, "mode", Static, "static, online, or for sessions discovery")
	f.IntVar(&c.minPrefix, "min-prefix", 1, "sessions: items that must be known before the first prediction")
	f.StringVar(&c.task, "task", CartTask, "baskets: cart (the rest is known) or single (one item is)")
	f.StringVar(&c.method, "method", "", "sessions: "+strings.Join(sessions, ", ")+"; baskets: "+strings.Join(recommender.BasketMethods(), ", ")+
		"; the first of each is the product's own and the default")
	f.BoolVar(&c.json, "json", false, "print one JSON object")
	f.BoolVar(&c.quiet, "quiet", false, "no progress on stderr")
	return f
}

func (c *command) run(stderr io.Writer) (any, error) {
	if _, err := oneOf("--kind", c.kind, "", "sessions", "baskets"); err != nil || c.kind == "" {
		return nil, fmt.Errorf("%w: --kind %q is not one of sessions, baskets", ErrUsage, c.kind)
	}
	if c.train == "" || c.test == "" {
		return nil, fmt.Errorf("%w: --train and --test are needed", ErrUsage)
	}
	if c.minPrefix < 1 {
		return nil, fmt.Errorf("%w: --min-prefix %d is below 1", ErrUsage, c.minPrefix)
	}
	train, err := os.Open(c.train)
	if err != nil {
		return nil, err
	}
	defer train.Close()
	test, err := os.Open(c.test)
	if err != nil {
		return nil, err
	}
	defer test.Close()
	progress := c.progress(stderr)
	if c.kind == "baskets" {
		return Baskets(BasketsConfig{Task: c.task, Mode: c.mode, Method: c.method, Progress: progress}, train, test)
	}
	return Sessions(SessionsConfig{Mode: c.mode, MinPrefix: c.minPrefix, Method: c.method, Progress: progress}, train, test)
}

func (c *command) progress(stderr io.Writer) func(string, int) {
	if c.quiet {
		return nil
	}
	return func(done string, n int) {
		if n%(20*progressEvery) == 0 {
			fmt.Fprintf(stderr, "%s %d\n", done, n)
		}
	}
}

func (c *command) print(w io.Writer, result any) error {
	line, err := json.Marshal(result)
	if err != nil {
		return err
	}
	if c.json {
		_, err = fmt.Fprintf(w, "%s\n", line)
		return err
	}
	var fields any
	if err := json.Unmarshal(line, &fields); err != nil {
		return err
	}
	pretty, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return err
	}
	text := strings.NewReplacer(`{`, "", `}`, "", `"`, "", ",\n", "\n").Replace(string(pretty))
	_, err = fmt.Fprintln(w, strings.TrimRight(strings.TrimLeft(text, "\n"), "\n"))
	return err
}
