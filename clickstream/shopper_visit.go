package clickstream

import (
	"math"
	"slices"
	"strings"
)

// visitOf is how a shopper came: six bytes that fit where the shopper's struct had room.
type visitOf struct {
	count  uint16 // visits that began, stays at its largest
	source uint16 // of the newest visit that did not come directly: its place in siteShard.sources, 1 the first; 0 direct
	device Device // of the newest visit
	away   uint8  // whole days before the newest visit, stays at its largest
}

// maxSources bounds the sources of a site that a partition tells apart; what comes later counts as Direct.
const maxSources = 500

// begin notes a visit by its first event; away is the time since the event before, ms.
func (v *visitOf) begin(st *siteShard, e *Event, away int64) {
	if v.count < math.MaxUint16 {
		v.count++
	}
	v.away = uint8(min(max(away/dayMs, 0), math.MaxUint8))
	if d := DeviceOf(e.UserAgent); d != DeviceOther {
		v.device = d
	}
	if s := SourceOf(e.URL, e.Ref); s != Direct {
		v.source = st.sourceAt(s)
	}
}

func (st *siteShard) sourceAt(source string) uint16 {
	if at := slices.Index(st.sources, source); at >= 0 {
		return uint16(at + 1)
	}
	if len(st.sources) >= maxSources {
		return 0
	}
	st.sources = append(st.sources, strings.Clone(source))
	return uint16(len(st.sources))
}

func (st *siteShard) sourceOf(v *visitOf) string {
	if v.source == 0 {
		return Direct
	}
	return st.sources[v.source-1]
}
