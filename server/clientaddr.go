package main

import (
	"net/netip"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// clientAddr is the shopper's address: the connection's, or, when that is a trusted proxy's, the last address of X-Forwarded-For
// that no trusted proxy wrote. A forged header from anyone else is ignored.
func clientAddr(c *fiber.Ctx, trusted []netip.Prefix) netip.Addr {
	peer, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	return forwardedAddr(peer.Unmap(), c.Get(fiber.HeaderXForwardedFor), trusted)
}

func forwardedAddr(peer netip.Addr, forwarded string, trusted []netip.Prefix) netip.Addr {
	addr := peer
	for isTrusted(addr, trusted) && forwarded != "" {
		last := forwarded
		if i := strings.LastIndexByte(forwarded, ','); i >= 0 {
			forwarded, last = forwarded[:i], forwarded[i+1:]
		} else {
			forwarded = ""
		}
		next, err := netip.ParseAddr(strings.TrimSpace(last))
		if err != nil {
			return addr
		}
		addr = next.Unmap()
	}
	return addr
}

func isTrusted(addr netip.Addr, trusted []netip.Prefix) bool {
	for _, p := range trusted {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}
