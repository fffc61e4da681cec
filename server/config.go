package main

import (
	"errors"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"beckon/clickstream/history"
)

// config is one server's settings, read once.
type config struct {
	addr      string
	opsAddr   string
	data      string
	publicURL string
	secret    string
	adminPass string
	demo      bool
	shoppers  int

	partitions int
	retain     time.Duration // how long the events log is kept
	retainSize int64         // bytes of the events log kept at most, 0: no bound

	trustedProxies []netip.Prefix
	rateKey        int // events per second, 0: no limit; burst is ten seconds' worth
	rateVisitor    int
	rateIP         int

	sockets        int // WebSocket connections at most
	socketsPerAddr int // of one address, 0: no limit of its own

	checkpointEvery time.Duration

	history    string        // auto, off
	clickhouse string        // URL of a ClickHouse server; "": the embedded engine
	chdbLib    string        // the engine's library; "": where `beckon engine fetch` puts it
	keep       time.Duration // how long history keeps rows, 0: for ever

	quoteLife time.Duration // how long a price that was shown is kept to

	shutdown time.Duration // deadline of the whole ordered stop
}

const defaultOpsAddr = "127.0.0.1:9090"

// serveConfig reads flags over environment over defaults and names every bad field at once.
func serveConfig(e env, args []string) (config, error) {
	var c config
	var bad []error
	note := func(name, got, want string) {
		bad = append(bad, usagef("%s: %q is not %s", name, got, want))
	}
	str := func(name, def string) string {
		if v := e.getenv(name); v != "" {
			return v
		}
		return def
	}
	num := func(name string, def int) int {
		v := e.getenv(name)
		if v == "" {
			return def
		}
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			note(name, v, "a whole number from 0")
		}
		return n
	}

	fs := e.flags("serve", "[--demo]")
	fs.StringVar(&c.addr, "addr", str("BECKON_ADDR", ":8080"), "address to serve on (BECKON_ADDR)")
	fs.StringVar(&c.data, "data", str("BECKON_DATA", "./data"), "data folder (BECKON_DATA)")
	fs.StringVar(&c.opsAddr, "ops-addr", str("BECKON_OPS_ADDR", defaultOpsAddr), "private address of metrics, pprof and operators' commands; `off` for none (BECKON_OPS_ADDR)")
	fs.StringVar(&c.publicURL, "public-url", str("BECKON_PUBLIC_URL", ""), "how browsers reach this server (BECKON_PUBLIC_URL)")
	fs.BoolVar(&c.demo, "demo", false, "add a demo site, its shop and simulated shoppers")
	fs.IntVar(&c.shoppers, "shoppers", 30, "simulated shoppers of the demo, 0 for none")
	fs.IntVar(&c.partitions, "partitions", 64, "partitions of a new installation's events log; an existing one keeps its own")
	fs.DurationVar(&c.retain, "retain", 30*24*time.Hour, "how long the events log is kept")
	fs.Int64Var(&c.retainSize, "retain-bytes", 0, "keep at most so many bytes of the events log, 0: no bound")
	fs.DurationVar(&c.checkpointEvery, "checkpoint-every", time.Minute, "time between snapshots of the folds")
	fs.StringVar(&c.history, "history", str("BECKON_HISTORY", "auto"), "`auto`: keep history in ClickHouse, embedded or by URL; off: only note what it will need (BECKON_HISTORY)")
	fs.DurationVar(&c.keep, "history-keep", 0, "how long history keeps rows after they were received, 0: for ever")
	fs.DurationVar(&c.quoteLife, "quote-ttl", quoteLife, "how long a price that was shown is kept to")
	fs.DurationVar(&c.shutdown, "shutdown", 20*time.Second, "deadline of an ordered stop")
	fs.IntVar(&c.rateKey, "rate-key", num("BECKON_RATE_KEY", 20000), "events per second and key, 0: no limit (BECKON_RATE_KEY)")
	fs.IntVar(&c.rateVisitor, "rate-visitor", num("BECKON_RATE_VISITOR", 50), "events per second and visitor, 0: no limit (BECKON_RATE_VISITOR)")
	fs.IntVar(&c.rateIP, "rate-ip", num("BECKON_RATE_IP", 500), "events per second and address, 0: no limit (BECKON_RATE_IP)")
	fs.IntVar(&c.sockets, "sockets", 50_000, "WebSocket connections at most")
	fs.IntVar(&c.socketsPerAddr, "sockets-per-address", 1000, "WebSocket connections of one address at most, 0: no limit of its own")
	proxies := fs.String("trusted-proxies", str("BECKON_TRUSTED_PROXIES", ""), "addresses or prefixes whose X-Forwarded-For is believed, comma separated (BECKON_TRUSTED_PROXIES)")
	rest, err := parse(fs, args)
	if err != nil {
		return c, err
	}
	if len(rest) > 0 {
		bad = append(bad, usagef("serve: %q is not understood", rest[0]))
	}
	c.secret = e.getenv("BECKON_SECRET")
	c.adminPass = e.getenv("BECKON_ADMIN_PASSWORD")
	c.clickhouse = e.getenv("BECKON_CLICKHOUSE_URL")
	c.chdbLib = e.getenv("BECKON_CHDB_LIB")

	if _, _, err := net.SplitHostPort(c.addr); err != nil {
		note("addr", c.addr, "host:port")
	}
	if c.opsAddr == "off" {
		c.opsAddr = ""
	} else if _, _, err := net.SplitHostPort(c.opsAddr); err != nil {
		note("ops-addr", c.opsAddr, "host:port or off")
	}
	if u, err := url.Parse(c.publicURL); c.publicURL != "" && (err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https")) {
		note("public-url", c.publicURL, "an http(s) URL")
	}
	if c.secret != "" && len(c.secret) < 16 {
		bad = append(bad, usagef("BECKON_SECRET: shorter than 16 bytes"))
	}
	if c.partitions < 1 || c.partitions > 1024 {
		note("partitions", strconv.Itoa(c.partitions), "from 1 to 1024")
	}
	if c.shoppers < 0 || c.shoppers > 10000 {
		note("shoppers", strconv.Itoa(c.shoppers), "from 0 to 10000")
	}
	if c.sockets < 1 {
		note("sockets", strconv.Itoa(c.sockets), "a whole number from 1")
	}
	if c.socketsPerAddr < 1 {
		c.socketsPerAddr = -1
	}
	if c.retain < 26*time.Hour {
		note("retain", c.retain.String(), "at least 26h, which deduplication needs")
	}
	if e.getenv("BECKON_REDIS_URL") != "" {
		bad = append(bad, usagef("BECKON_REDIS_URL: this version keeps its logs on local disk only; unset it"))
	}
	if c.history != "auto" && c.history != "off" {
		note("history", c.history, "auto or off")
	}
	if c.quoteLife < time.Minute || c.quoteLife > 7*24*time.Hour {
		note("quote-ttl", c.quoteLife.String(), "from 1m to 168h")
	}
	if c.keep != 0 && c.keep < 24*time.Hour {
		note("history-keep", c.keep.String(), "0 or at least 24h")
	}
	if c.clickhouse != "" {
		if err := history.CheckURL(c.clickhouse); err != nil {
			bad = append(bad, usagef("BECKON_CLICKHOUSE_URL: %v", err))
		}
	}
	c.trustedProxies, err = parsePrefixes(*proxies)
	if err != nil {
		bad = append(bad, usagef("trusted-proxies: %v", err))
	}
	return c, joinUsage(bad)
}

func parsePrefixes(list string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, s := range strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' }) {
		if addr, err := netip.ParseAddr(s); err == nil {
			out = append(out, netip.PrefixFrom(addr, addr.BitLen()))
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a prefix", s)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// joinUsage makes one usage error of all that was wrong.
func joinUsage(bad []error) error {
	if len(bad) == 0 {
		return nil
	}
	return &usageError{errors.Join(bad...).Error()}
}

// dataFlag adds the --data flag that every command on a data folder has.
func (e env) dataFlag(fs *flag.FlagSet) *string {
	def := e.getenv("BECKON_DATA")
	if def == "" {
		def = "./data"
	}
	return fs.String("data", def, "data folder (BECKON_DATA)")
}
