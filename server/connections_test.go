package main

import (
	"net"
	"strings"
	"testing"
	"time"
)

// TestAStopEndsConnectionsThatNeverEnd keeps one connection silent and another in the middle of a request.
func TestAStopEndsConnectionsThatNeverEnd(t *testing.T) {
	in := newInstallation(t)
	in.start()
	for _, sent := range []string{"", "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"} {
		c, err := net.Dial("tcp", strings.TrimPrefix(in.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte(sent)); err != nil {
			t.Fatal(err)
		}
	}
	begin := time.Now()
	if err := in.stop(); err != nil {
		t.Errorf("stopped with %v", err)
	}
	if took := time.Since(begin); took > 15*time.Second {
		t.Errorf("stopping took %v", took)
	}
}
