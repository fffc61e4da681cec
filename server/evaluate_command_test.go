package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEvaluateFindsTheKindAmongItsArguments(t *testing.T) {
	for args, want := range map[string]string{
		"":                              "",
		"-h":                            "",
		"--kind prices":                 "prices",
		"-kind=prices --json":           "prices",
		"--seeds 3 --kind baskets":      "baskets",
		"--kind sessions --kind prices": "prices",
		"--kind":                        "",
		"-- --kind prices":              "",
	} {
		if got := kindOf(strings.Fields(args)); got != want {
			t.Errorf("%q: %q, want %q", args, got, want)
		}
	}
}

func TestEvaluateExitCodes(t *testing.T) {
	file := filepath.Join(t.TempDir(), "one.json")
	if err := os.WriteFile(file, []byte(`{"name":"one","price":20,"elasticity":2,"items":2,"days":10}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		args, says string // on stdout or stderr
		code       int
	}{
		{"-h", "--kind prices -h", 0},
		{"--kind prices -h", "-scenarios", 0},
		{"--kind sessions -h", "-min-prefix", 0},
		{"", "not one of sessions, baskets", 2},
		{"--kind weather", "not one of sessions, baskets, prices", 2},
		{"--kind prices --seeds none", "invalid value", 2},
		{"--kind baskets", "--train and --test", 2},
		{"--kind prices --seeds 1 --scenarios " + file + " --report /dev/null/x.html", "write report", 1},
		{"--kind prices --seeds 1 --scenarios " + file + " --json", `"profit_uplift"`, 0},
	} {
		var out, errs bytes.Buffer
		err := run(t.Context(), append([]string{"evaluate"}, strings.Fields(tc.args)...), func(string) string { return "" }, &out, &errs)
		printed := out.String() + errs.String()
		if err != nil {
			printed += err.Error()
		}
		if code := exitCode(err); code != tc.code || !strings.Contains(printed, tc.says) {
			t.Errorf("evaluate %s: exit %d, want %d and %q in:\n%s", tc.args, code, tc.code, tc.says, printed)
		}
		if strings.HasSuffix(tc.args, "--json") && !json.Valid(out.Bytes()) {
			t.Errorf("evaluate %s: stdout is no JSON: %s", tc.args, out.String())
		}
	}
}
