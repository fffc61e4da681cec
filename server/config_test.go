package main

import (
	"io"
	"strings"
	"testing"
)

func TestEveryBadSettingIsNamedAtOnce(t *testing.T) {
	vars := map[string]string{"BECKON_RATE_IP": "many", "BECKON_SECRET": "short", "BECKON_TRUSTED_PROXIES": "10.0.0.0/99", "BECKON_REDIS_URL": "redis://x"}
	e := env{func(name string) string { return vars[name] }, io.Discard, io.Discard}
	_, err := serveConfig(e, []string{"--addr", "nowhere", "--partitions", "0", "--public-url", "shop"})
	if err == nil || exitCode(err) != 2 {
		t.Fatalf("got %v, want bad usage", err)
	}
	for _, name := range []string{"BECKON_RATE_IP", "BECKON_SECRET", "trusted-proxies", "BECKON_REDIS_URL", "addr", "partitions", "public-url"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in: %v", name, err)
		}
	}
}

func TestFlagsOverrideTheEnvironment(t *testing.T) {
	e := env{func(name string) string { return map[string]string{"BECKON_ADDR": ":1", "BECKON_DATA": "/env"}[name] }, io.Discard, io.Discard}
	c, err := serveConfig(e, []string{"--addr", ":2"})
	if err != nil || c.addr != ":2" || c.data != "/env" {
		t.Errorf("got %q %q %v", c.addr, c.data, err)
	}
}

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		args string
		want int
	}{
		{"-h", 0},
		{"serve -h", 0},
		{"", 2},
		{"dance", 2},
		{"serve --nothing", 2},
		{"keys list", 2},
		{"replay", 2},
		{"verify --data /nonexistent/beckon", 1},
	} {
		err := run(t.Context(), strings.Fields(c.args), func(string) string { return "" }, io.Discard, io.Discard)
		if got := exitCode(err); got != c.want {
			t.Errorf("beckon %s: exit %d (%v), want %d", c.args, got, err, c.want)
		}
	}
}
