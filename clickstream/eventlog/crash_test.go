package eventlog

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"beckon/clickstream/record"
)

// crashChildEnv names the folder of the log that a child of TestKill… appends to until it is killed.
const crashChildEnv = "BECKON_EVENTLOG_CRASH_CHILD"

const (
	crashPartitions = 4
	crashCallers    = 6
)

func crashConfig(dir string) Config {
	return Config{Dir: dir, Partitions: crashPartitions, SegmentBytes: 32 << 10, TailBytes: 16 << 10, CheckBytes: 64 << 10}
}

// crashChild appends, retains, erases and copies until it is killed, and prints a line for each append that was acknowledged:
// caller, number, and Seq.
func crashChild(dir string) {
	l, err := Open(crashConfig(filepath.Join(dir, "log")))
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("open")
	next := lastNumbers(l)
	var out sync.Mutex
	var wg sync.WaitGroup
	for c := range crashCallers {
		wg.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(c), uint64(time.Now().UnixNano())))
			for n := next[c]; ; n++ {
				parts := crashParts(rng, c, n)
				seq, err := l.Append(context.Background(), parts)
				if err != nil {
					fmt.Println("error", err)
					os.Exit(1)
				}
				out.Lock()
				fmt.Println("ack", c, n, seq)
				out.Unlock()
			}
		})
	}
	wg.Go(func() {
		for i := 0; ; i++ {
			<-l.Changed(l.Cut(nil).Seq + 200)
			dst := filepath.Join(dir, fmt.Sprint("copy", i))
			_, eerr := l.Erase(func(_ int, p string) bool { return strings.HasSuffix(p, "y") })
			if err := errors.Join(eerr, l.Copy(dst), os.RemoveAll(dst)); err != nil {
				fmt.Println("error", err)
				os.Exit(1)
			}
		}
	})
	wg.Wait()
}

// crashParts is caller c's n-th append: it begins with "c n" in partition c mod 4, and has a record more in the next partition.
func crashParts(rng *rand.Rand, c, n int) []record.Append {
	text := fmt.Sprintf("%d %d %s", c, n, strings.Repeat("z", rng.IntN(400)))
	return []record.Append{packed(c%crashPartitions, text, "forget y"), packed((c+1)%crashPartitions, "+"+text)}
}

// lastNumbers is, for each caller, the number that follows its last append in l.
func lastNumbers(l *Log) [crashCallers]int {
	var next [crashCallers]int
	for p := range crashPartitions {
		all, err := tryReadAll(l, p, l.First(p), 1<<20)
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		for _, r := range all {
			var c, n int
			if _, err := fmt.Sscanf(r.payload, "%d %d", &c, &n); err == nil && r.payload[0] != '+' {
				next[c] = max(next[c], n+1)
			}
		}
	}
	return next
}

func TestKilledProcessLosesNothingAcknowledged(t *testing.T) {
	rounds := 15
	if os.Getenv("BECKON_LONG_TESTS") != "" {
		rounds = 150
	}
	dir := t.TempDir()
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	acked := map[[2]int]uint64{}
	for round := range rounds {
		wait := time.Duration(rng.IntN(60)) * time.Millisecond
		for _, line := range runAndKill(t, dir, wait, rng.IntN(4) == 0) {
			var c, n int
			var seq uint64
			if _, err := fmt.Sscanf(line, "ack %d %d %d", &c, &n, &seq); err == nil {
				acked[[2]int{c, n}] = seq
			} else if strings.HasPrefix(line, "error") {
				t.Fatalf("round %d: %s", round, line)
			}
		}
		for _, copied := range glob(t, filepath.Join(dir, "copy*")) {
			if err := os.RemoveAll(copied); err != nil {
				t.Fatal(err)
			}
		}
		l := open(t, crashConfig(filepath.Join(dir, "log")))
		checkCrash(t, l, acked)
		abandon(t, l)
	}
	t.Logf("killed %d times, %d appends acknowledged, 0 lost, 0 doubled", rounds, len(acked))
	if len(acked) == 0 {
		t.Error("nothing was acknowledged: the test shows nothing")
	}
}

func glob(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// runAndKill starts the child, kills it with SIGKILL some time after its log is open, or after its start, and returns what it printed.
func runAndKill(t *testing.T, dir string, wait time.Duration, whileOpening bool) (lines []string) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), crashChildEnv+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(out)
	if !whileOpening && in.Scan() {
		lines = append(lines, in.Text())
	}
	timer := time.AfterFunc(wait, func() { child.Process.Kill() })
	defer timer.Stop()
	for in.Scan() {
		lines = append(lines, in.Text())
	}
	if err := child.Wait(); err == nil {
		t.Fatal("the child ended by itself")
	}
	return lines
}

// checkCrash checks that every acknowledged append is whole, each once, in order.
func checkCrash(t *testing.T, l *Log, acked map[[2]int]uint64) {
	t.Helper()
	main, extra := map[[2]int]uint64{}, map[[2]int]uint64{}
	var last [crashCallers]int
	for c := range last {
		last[c] = -1
	}
	for p := range crashPartitions {
		all, err := tryReadAll(l, p, l.First(p), 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range all {
			text, isExtra := strings.CutPrefix(r.payload, "+")
			var c, n int
			if _, err := fmt.Sscanf(text, "%d %d", &c, &n); err != nil {
				continue
			}
			key, into := [2]int{c, n}, main
			if isExtra {
				into = extra
			} else if n <= last[c] {
				t.Fatalf("caller %d: %d after %d", c, n, last[c])
			} else {
				last[c] = n
			}
			if _, twice := into[key]; twice {
				t.Fatalf("caller %d, append %d is there twice", c, n)
			}
			into[key] = r.seq
		}
	}
	for key, seq := range acked {
		if got, ok := main[key]; !ok || got != seq {
			t.Fatalf("caller %d, append %d: acknowledged at %d, found at %d (%v)", key[0], key[1], seq, got, ok)
		}
	}
	if len(main) != len(extra) {
		t.Fatalf("%d appends and %d second halves", len(main), len(extra))
	}
	for key := range main {
		if _, ok := extra[key]; !ok {
			t.Fatalf("caller %d, append %d has one half", key[0], key[1])
		}
	}
}
