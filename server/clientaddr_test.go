package main

import (
	"net/netip"
	"testing"
)

func TestForwardedAddrBelievesOnlyTrustedProxies(t *testing.T) {
	trusted, err := parsePrefixes("10.0.0.0/8, 192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, peer, header, want string }{
		{"stranger forges", "203.0.113.9", "1.2.3.4", "203.0.113.9"},
		{"one proxy", "10.1.1.1", "203.0.113.9", "203.0.113.9"},
		{"client forges behind a proxy", "10.1.1.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"},
		{"two proxies", "192.0.2.1", "203.0.113.9, 10.2.2.2", "203.0.113.9"},
		{"garbage stops the walk", "10.1.1.1", "203.0.113.9, banana", "10.1.1.1"},
		{"no header", "10.1.1.1", "", "10.1.1.1"},
		{"only proxies", "10.1.1.1", "10.2.2.2", "10.2.2.2"},
	} {
		got := forwardedAddr(netip.MustParseAddr(c.peer), c.header, trusted)
		if got.String() != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}
