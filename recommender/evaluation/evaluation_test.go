package evaluation

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	trainSessions = "1 2 3\n1 2 4\n\n5 2 3\n2 3\n"
	testSessions  = "1 2 3\n7 5 2\n2 2\n"
)

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func near(got, want float64) bool { return math.Abs(got-want) < 1e-9 }

// Worked by hand with VS-kNN. Prefix 1: 2 (in two visits with 1) ties with 1, so 1 then 2: the target 2 has rank 2. Prefix 1 2: the
// visits weigh .75 .75 .5 .5, which gives 2 2.5, 3 1.75, 1 1.5: rank 2. Prefix 7: nothing is known. Prefix 7 5: from 5 2 3, equals by id: 2 has rank 1.
// Prefix 2: 2 itself is in all, rank 1.
func TestSessionsProtocol(t *testing.T) {
	for _, c := range []struct {
		mode      string
		minPrefix int
		ranks     []int
	}{
		{Static, 0, []int{2, 2, 0, 1, 1}},
		{Static, 2, []int{2, 1}},
		{Discovery, 0, []int{1, 1, 0, 1}}, // without 1, and without 1 and 2; the last target repeats
	} {
		for _, read := range []func(string) string{func(s string) string { return s }, func(s string) string { return zipped(t, s) }} {
			got, err := Sessions(SessionsConfig{Mode: c.mode, MinPrefix: c.minPrefix, Method: "vsknn"},
				strings.NewReader(read(trainSessions)), strings.NewReader(read(testSessions)))
			if err != nil {
				t.Fatal(err)
			}
			hits, mrr, ndcg := 0, 0.0, 0.0
			for _, r := range c.ranks {
				if r > 0 {
					hits++
					mrr += 1 / float64(r)
					ndcg += 1 / math.Log2(float64(r)+1)
				}
			}
			n := float64(len(c.ranks))
			if got.N != len(c.ranks) || !near(got.HR, float64(hits)/n) || !near(got.MRR, mrr/n) || !near(got.NDCG, ndcg/n) {
				t.Errorf("%s from prefix %d: %+v, want ranks %v", c.mode, c.minPrefix, got, c.ranks)
			}
		}
	}
}

// Online a session is learned after its last prediction, not before.
func TestOnlineLearnsAfterPredicting(t *testing.T) {
	run := func(mode string) SessionsResult {
		got, err := Sessions(SessionsConfig{Mode: mode, Method: "vsknn"}, strings.NewReader("1 2\n"), strings.NewReader("8 9\n8 9\n"))
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := run(Static); got.HR != 0 {
		t.Errorf("static: %+v, want no hit", got)
	}
	if got := run(Online); got.HR != 0.5 {
		t.Errorf("online: %+v, want the second session hit and the first not", got)
	}
}

func TestBasketsProtocol(t *testing.T) {
	const train = "a b\na b c\nb c\nd a\n"
	const test = "k1\tb\ta\ta\nk2\ta\tb\tb c\nk3\tz\ta\tb\n"
	for _, c := range []struct {
		task string
		want []int
	}{
		{CartTask, []int{1, 1, 0}},   // a: b 2⁴/(3³·3), d 1/27, c 1/(27·2); b and c: a gains from both
		{SingleTask, []int{1, 2, 0}}, // b: c 2⁴/(3³·2) before a 2⁴/(3³·3)
	} {
		got, err := Baskets(BasketsConfig{Task: c.task, Method: "power"}, strings.NewReader(train), strings.NewReader(test))
		if err != nil {
			t.Fatal(err)
		}
		hits, mrr := 0, 0.0
		for _, r := range c.want {
			if r > 0 {
				hits++
				mrr += 1 / float64(r)
			}
		}
		if got.N != 3 || !near(got.HR, float64(hits)/3) || !near(got.MRR, mrr/3) {
			t.Errorf("%s: %+v, want ranks %v", c.task, got, c.want)
		}
	}
	if _, err := Baskets(BasketsConfig{}, strings.NewReader(train), strings.NewReader("k\tb\ta\n")); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a line of three fields: %v, want an error that names line 1", err)
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestCommandPrintsTheAgreedKeys(t *testing.T) {
	train, test := write(t, "train", trainSessions), write(t, "test", zipped(t, testSessions))
	baskets, held := write(t, "baskets", "a b\nb c\n"), write(t, "held", "k\ta\tb\tb\n")
	for _, c := range []struct {
		args, keys []string
	}{
		{
			[]string{"--kind", "sessions", "--train", train, "--test", test, "--mode", "online", "--min-prefix", "1", "--json"},
			[]string{"kind", "mode", "n", "hr@20", "mrr@20", "ndcg@20", "coverage@20", "p50_us", "p99_us", "learn_ns_per_click", "bytes"},
		},
		{
			[]string{"--kind", "baskets", "--train", baskets, "--test", held, "--task", "single", "--mode", "static", "--json"},
			[]string{"kind", "task", "mode", "n", "hr@10", "mrr@10", "ndcg@10", "coverage@10", "p50_us", "p99_us", "learn_ns_per_click", "bytes"},
		},
	} {
		var stdout, stderr bytes.Buffer
		if code := Command(c.args, &stdout, &stderr); code != 0 {
			t.Fatalf("%v: exit code %d: %s", c.args, code, &stderr)
		}
		var got map[string]any
		if err := json.Unmarshal(stdout.Bytes(), &got); err != nil {
			t.Fatalf("%v in %s", err, &stdout)
		}
		for _, key := range c.keys {
			if _, ok := got[key]; !ok {
				t.Errorf("%s has no %s", &stdout, key)
			}
		}
		if len(got) != len(c.keys) || strings.Count(stdout.String(), "\n") != 1 {
			t.Errorf("%s, want one line with %v", &stdout, c.keys)
		}
		stdout.Reset()
		if code := Command(slices.DeleteFunc(c.args, func(a string) bool { return a == "--json" }), &stdout, &stderr); code != 0 || !strings.Contains(stdout.String(), "p99_us") {
			t.Errorf("without --json: exit code %d, %q", code, &stdout)
		}
	}
}

func TestCommandSaysWhatIsWrong(t *testing.T) {
	train := write(t, "train", trainSessions)
	torn := write(t, "torn", zipped(t, testSessions)[:20])
	for _, c := range []struct {
		args string
		code int
		says string
	}{
		{"", 2, "--kind"},
		{"--kind moon --train a --test b", 2, "moon"},
		{"--kind sessions", 2, "--train"},
		{"--kind sessions --train TRAIN --test TRAIN --mode moon", 2, "moon"},
		{"--kind sessions --train TRAIN --test TRAIN --method moon", 2, "moon"},
		{"--kind sessions --train TRAIN --test TRAIN --min-prefix 0", 2, "min-prefix"},
		{"--kind baskets --train TRAIN --test TRAIN --mode discovery", 2, "discovery"},
		{"--kind baskets --train TRAIN --test TRAIN --task moon", 2, "moon"},
		{"--moon", 2, "moon"},
		{"--kind sessions --train TRAIN --test TRAIN more", 2, "more"},
		{"--kind sessions --train /nowhere/train --test TRAIN", 1, "/nowhere/train"},
		{"--kind sessions --train TRAIN --test TORN", 1, "test sessions"},
		{"-h", 0, "-train"},
	} {
		var stdout, stderr bytes.Buffer
		args := strings.Fields(strings.NewReplacer("TRAIN", train, "TORN", torn).Replace(c.args))
		if code := Command(args, &stdout, &stderr); code != c.code || !strings.Contains(stderr.String(), c.says) || stdout.Len() > 0 {
			t.Errorf("%q: exit code %d, stderr %q, stdout %q; want code %d and %q", c.args, code, &stderr, &stdout, c.code, c.says)
		}
	}
}

// The rows that others published or measured for the same files.
func TestPublishedRowsAreMatched(t *testing.T) {
	dir := os.Getenv("BECKON_EVAL_DATA")
	if dir == "" {
		t.Skip("BECKON_EVAL_DATA names no folder with evaluation data")
	}
	open := func(name string) *os.File {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			t.Skip(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	for _, c := range []struct {
		data, method, mode string
		minPrefix, n       int
		hr, mrr            float64
		least              bool // or better
	}{
		{"retailrocket", "vsknn", Static, 2, 15132, .534, .260, false},
		{"retailrocket", "vstan", Static, 2, 15132, .565, .290, false},
		{"retailrocket", "hybrid", Static, 2, 15132, .579, .297, true},
		{"bol_example", "vsknn", Static, 1, 931, .652, .237, false},
		{"bol_example", "vstan", Static, 1, 931, .661, .269, false},
		{"bol_example", "hybrid", Static, 1, 931, .683, .299, true},
	} {
		got, err := Sessions(SessionsConfig{Mode: c.mode, MinPrefix: c.minPrefix, Method: c.method},
			open("sessions/"+c.data+".train.txt.gz"), open("sessions/"+c.data+".test.txt.gz"))
		if err != nil {
			t.Fatal(err)
		}
		matches := got.N == c.n && math.Abs(got.HR-c.hr) <= 0.003 && math.Abs(got.MRR-c.mrr) <= 0.003
		if c.least {
			matches = got.N == c.n && got.HR >= c.hr-0.001 && got.MRR >= c.mrr-0.001
		}
		if line := fmt.Sprintf("%s %s %s: n %d, HR %.4f, MRR %.4f", c.data, c.method, c.mode, got.N, got.HR, got.MRR); matches {
			t.Log(line)
		} else {
			t.Errorf("%s; want n %d, HR %.3f, MRR %.3f", line, c.n, c.hr, c.mrr)
		}
	}
	for _, c := range []struct {
		task string
		hr   float64
	}{{CartTask, .276}, {SingleTask, .115}} {
		got, err := Baskets(BasketsConfig{Task: c.task, Method: "power"}, open("baskets/online_retail.train.txt.gz"), open("baskets/online_retail.test.tsv.gz"))
		if err != nil {
			t.Fatal(err)
		}
		if got.N != 2582 || math.Abs(got.HR-c.hr) > 0.002 {
			t.Errorf("%s: n %d, HR %.4f, want 2582 and %.3f", c.task, got.N, got.HR, c.hr)
		}
	}
}
