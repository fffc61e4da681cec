package clickstream

import "testing"

func TestDevicesAreThoseOfTheHistory(t *testing.T) {
	for agent, want := range map[string]string{
		"": "other", "curl/8": "other",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/120":              "desktop",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E": "mobile",
		"Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) Mobile/15E":          "tablet",
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) Mobile Safari":            "mobile",
		"Mozilla/5.0 (Linux; Android 14; SM-X700) Safari":                   "tablet",
		"Mozilla/5.0 (X11; Linux x86_64)":                                   "desktop",
	} {
		if got := DeviceOf(agent).String(); got != want {
			t.Errorf("%q: %s, want %s", agent, got, want)
		}
	}
}

func TestSources(t *testing.T) {
	for _, c := range []struct{ page, ref, want string }{
		{"https://shop.example/p", "", Direct},
		{"https://shop.example/p", "https://www.shop.example/", Direct},
		{"https://shop.example/p", "https://www.Search.example:443/q?x=1", "search.example"},
		{"https://shop.example/p?a=1&utm_source=News%20Letter&b=2", "https://search.example", "news letter"},
		{"https://shop.example/p?utm_source=", "https://search.example", "search.example"},
		{"https://shop.example/p?xutm_source=a", "", Direct},
		{"", "android-app://com.example", "com.example"},
	} {
		if got := SourceOf(c.page, c.ref); got != c.want {
			t.Errorf("%s from %s: %q, want %q", c.page, c.ref, got, c.want)
		}
	}
}
