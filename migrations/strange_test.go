package migrations

import (
	"testing"
	"time"
)

// Shops send the times they have: what ClickHouse's months and days cannot hold must still be stored, and counted once.
func TestStrangeTimesKeepTheirValue(t *testing.T) {
	conn := applied(t)
	times := []time.Time{
		time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(1969, 12, 31, 23, 59, 59, 999e6, time.UTC),
		time.UnixMilli(0).UTC(),
		time.UnixMilli(1).UTC(),
		time.Date(2149, 6, 7, 0, 0, 0, 0, time.UTC), // behind the last Date
		time.Date(2261, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	var events []event
	for _, at := range times {
		events = append(events, event{name: "purchase", visitor: "a", time: at, received: someTime, items: 1, value: 7})
	}
	for range 2 {
		insert(t, conn, "block", events...)
	}
	optimize(t, conn)
	for i, at := range times {
		if got := value(t, conn, "SELECT toUnixTimestamp64Milli(time) FROM events WHERE seq = "+string(rune('0'+i))); got != at.UnixMilli() {
			t.Errorf("%v came back as %v", at, time.UnixMilli(got).UTC())
		}
	}
	for question, want := range map[string]int64{
		"SELECT count() FROM orders": 6, "SELECT sum(events) FROM daily": 6, "SELECT sum(revenue) FROM daily_items": 12000,
		"SELECT sum(events) FROM visitor_days": 6,
	} {
		if got := value(t, conn, question); got != want {
			t.Errorf("%s: got %d, want %d", question, got, want)
		}
	}
}

func TestDeviceAndSourceFollowFromTheEvent(t *testing.T) {
	conn := applied(t)
	for i, c := range []struct{ agent, url, ref, device, source string }{
		{"", "", "", "other", "direct"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36", "https://shop.example/a", "https://www.shop.example/b", "desktop", "direct"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Mobile/15E148", "https://shop.example/?a=1&utm_source=Newsletter", "https://x.example/", "mobile", "newsletter"},
		{"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) Mobile/15E148", "https://shop.example/", "https://www.google.com/search?q=kettle", "tablet", "google.com"},
		{"Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0 Mobile Safari/537.36", "", "https://news.example/", "mobile", "news.example"},
		{"Mozilla/5.0 (Linux; Android 14; SM-X900) Chrome/126.0 Safari/537.36", "https://shop.example/?utm_source=", "", "tablet", "direct"},
		{"Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/127.0", "https://www.shop.example/", "https://shop.example/", "desktop", "direct"},
		{"curl/8.0", "not a url", "also not", "other", "direct"},
	} {
		visitor := string(rune('a' + i))
		insert(t, conn, visitor, event{name: "page_view", visitor: visitor, agent: c.agent, url: c.url, ref: c.ref})
		got := text(t, conn, "SELECT concat(device, ' ', source) FROM events WHERE visitor = '"+visitor+"'")
		if got != c.device+" "+c.source {
			t.Errorf("%q, %q, %q: got %s, want %s %s", c.agent, c.url, c.ref, got, c.device, c.source)
		}
	}
}
