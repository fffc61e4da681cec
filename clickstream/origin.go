package clickstream

import (
	"net/url"
	"strings"
)

// Device is what kind of machine a shopper looks at the shop with.
type Device uint8

// The devices. DeviceOther is also what says nothing.
const (
	DeviceOther Device = iota
	Desktop
	Mobile
	Tablet
	devices
)

var deviceNames = [devices]string{"other", "desktop", "mobile", "tablet"}

// String is the name that questions to the history use.
func (d Device) String() string { return deviceNames[d] }

// Words of a user agent, in small letters, in the order in which they are asked; the history's column device is made by the same.
var (
	tabletWords  = []string{"ipad", "tablet", "kindle", "silk/", "playbook"}
	mobileWords  = []string{"mobi", "iphone", "ipod"}
	desktopWords = []string{"windows nt", "macintosh", "x11", "cros"}
)

// DeviceOf reads the device from a user agent. An Android without "mobile" is a tablet. About a microsecond: ask once a visit.
func DeviceOf(agent string) Device {
	if agent == "" {
		return DeviceOther
	}
	low := strings.ToLower(agent)
	has := func(words []string) bool {
		for _, w := range words {
			if strings.Contains(low, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has(tabletWords):
		return Tablet
	case has(mobileWords):
		return Mobile
	case strings.Contains(low, "android"):
		return Tablet
	case has(desktopWords):
		return Desktop
	}
	return DeviceOther
}

// Direct is the source of who came from the site itself or from nowhere.
const Direct = "direct"

// maxSource bounds a source, in bytes.
const maxSource = 64

// SourceOf is where a page view came from: its utm_source, else the host of a foreign referrer without "www.", else Direct. Small
// letters, at most 64 bytes; it may share memory with its arguments.
func SourceOf(page, ref string) string {
	if at := strings.Index(page, "utm_source="); at > 0 && (page[at-1] == '?' || page[at-1] == '&') {
		text := page[at+len("utm_source="):]
		if end := strings.IndexAny(text, "&#"); end >= 0 {
			text = text[:end]
		}
		if plain, err := url.QueryUnescape(text); err == nil {
			text = plain
		}
		if text != "" {
			return strings.ToLower(clipped(text, maxSource))
		}
	}
	if from := hostOf(ref); from != "" && from != hostOf(page) {
		return clipped(from, maxSource)
	}
	return Direct
}

// hostOf is an address's host in small letters, without "www." and port, "" if there is none.
func hostOf(address string) string {
	_, rest, ok := strings.Cut(address, "//")
	if !ok {
		return ""
	}
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	rest = rest[strings.LastIndexByte(rest, '@')+1:]
	host, _, _ := strings.Cut(rest, ":")
	return strings.TrimPrefix(strings.ToLower(host), "www.")
}

// clipped is text's first bytes, whole characters of them.
func clipped(text string, bound int) string {
	if len(text) <= bound {
		return text
	}
	return strings.ToValidUTF8(text[:bound], "")
}
