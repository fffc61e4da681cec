package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTheChildRefusesAConfigurationThatIsNotWhole(t *testing.T) {
	whole := childConfig{
		Library: "/l", Dir: "/d", Network: "unix", Address: "/s", Secret: "sixteen bytes at least", MemoryBytes: minMemoryBytes,
	}
	for want, change := range map[string]func(c *childConfig){
		"no library": func(c *childConfig) { c.Library = "" }, "no data folder": func(c *childConfig) { c.Dir = "" },
		"network": func(c *childConfig) { c.Network = "udp" }, "no address": func(c *childConfig) { c.Address = "" },
		"secret": func(c *childConfig) { c.Secret = "short" }, "memory": func(c *childConfig) { c.MemoryBytes = 1 },
	} {
		c := whole
		change(&c)
		line, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parseChildConfig(line); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	for _, in := range []string{"", "{}", strings.Repeat("x", maxConfigBytes+1) + "\n"} {
		if err := Serve(t.Context(), strings.NewReader(in), nil); err == nil {
			t.Errorf("%.10q is taken", in)
		}
	}
}

func FuzzChildConfig(f *testing.F) {
	f.Add([]byte(`{"library":"/l","dir":"/d","network":"unix","address":"/s","secret":"0123456789abcdef","memory_bytes":1073741824}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		cfg, err := parseChildConfig(line)
		if err != nil {
			return
		}
		again, err := json.Marshal(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := parseChildConfig(again); err != nil || same != cfg {
			t.Errorf("%+v comes back as %+v, %v", cfg, same, err)
		}
	})
}

func TestAChildsWordsComeLineByLine(t *testing.T) {
	var got []string
	w := &lineWriter{each: func(line string) { got = append(got, line) }}
	for _, part := range []string{"on", "e\r\n\n two \nth", strings.Repeat("x", longestLine), "\n", "last"} {
		if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	w.flush()
	want := []string{"one", " two", "th" + strings.Repeat("x", longestLine-2), "xx", "last"}
	if !slices.Equal(got, want) {
		t.Errorf("lines %.40q, want %.40q", got, want)
	}
}

func TestOnlyTheLastWordsAreKeptAndOfACrashTheFirst(t *testing.T) {
	var l lastLines
	for i := range 100 {
		l.add(fmt.Sprint(i))
	}
	l.add("fatal error: unexpected signal")
	for range 100 {
		l.add(strings.Repeat("goroutine ", 1000))
	}
	got := strings.Split(l.text(), "\n")
	if len(got) != keptLines || got[keptLines-crashLines] != "fatal error: unexpected signal" || len(got[keptLines-1]) != keptLineBytes {
		t.Errorf("kept %d lines: %.60q", len(got), got)
	}
}

func TestRestartsWaitLongerAndLonger(t *testing.T) {
	last := time.Duration(0)
	for tries := range 40 {
		most, least := restartDelay(tries, 0), restartDelay(tries, 1)
		if most < last || most > longestDelay || least != most/2 {
			t.Errorf("try %d: from %v to %v after %v", tries, least, most, last)
		}
		last = most
	}
	if restartDelay(0, 0) != firstDelay || last != longestDelay {
		t.Errorf("from %v to %v, want from %v to %v", restartDelay(0, 0), last, firstDelay, longestDelay)
	}
}

func TestTheMemoryLimitFollowsTheMachineAndItsCgroup(t *testing.T) {
	const meminfo = "MemTotal:       16000000 kB\nMemFree: 1 kB\n"
	for _, c := range []struct {
		name  string
		files map[string]string
		want  int64
	}{
		{"nothing is known", nil, 0},
		{"a machine", map[string]string{"/proc/meminfo": meminfo}, 16000000 << 10},
		{"no limit", map[string]string{"/proc/meminfo": meminfo, "/sys/fs/cgroup/memory.max": "max\n"}, 16000000 << 10},
		{"a cgroup", map[string]string{"/proc/meminfo": meminfo, "/sys/fs/cgroup/memory.max": "2147483648\n"}, 2 << 30},
		{"an old cgroup", map[string]string{"/proc/meminfo": meminfo, "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712"}, 16000000 << 10},
	} {
		got := memoryTotal(func(name string) ([]byte, error) {
			if text, ok := c.files[name]; ok {
				return []byte(text), nil
			}
			return nil, os.ErrNotExist
		})
		if got != c.want {
			t.Errorf("%s: %d bytes, want %d", c.name, got, c.want)
		}
	}
}

func TestExceptionsKeepClickHousesCodeAndName(t *testing.T) {
	for text, want := range map[string]Exception{
		"Code: 60. DB::Exception: Unknown table expression identifier 'x'. (UNKNOWN_TABLE)":                     {Code: 60, Name: "UNKNOWN_TABLE"},
		"Code: 117. DB::Exception: Expected (END) of line: (at row 2)\n. (INCORRECT_DATA) (version 26.7.2.1)\n": {Code: 117, Name: "INCORRECT_DATA"},
		"Code: 12345678901234567890. DB::Exception: too long":                                                   {}, "something else": {},
	} {
		got := parseException(text)
		if got.Code != want.Code || got.Name != want.Name || got.Error() != strings.TrimSpace(text) {
			t.Errorf("%q is %+v", text, got)
		}
	}
	var e *Exception
	if !errors.As(error(parseException("x")), &e) {
		t.Error("not an Exception")
	}
}
