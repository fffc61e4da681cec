package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"time"

	"beckon/dashboards/ui"
	"beckon/web/text"
)

// frameView is one topic of one site in one language, with what its regions are now.
type frameView struct {
	key   viewKey
	topic *adminTopic
	query url.Values
	text  *text.Printer

	// Under the desk's mutex.
	readers int
	version uint64 // of the last rendering that changed something
	regions []frameRegion
	newest  []byte // the message from the version before to this one, which nearly all readers need
}

// frameRegion is a region as it is now.
type frameRegion struct {
	id      string
	json    []byte // "id":"html"
	version uint64 // in which it changed last
}

// run renders what somebody looks at, once a second, until the desk is closed. While nobody looks it waits.
func (d *frameDesk) run() {
	tick := time.NewTicker(frameEvery)
	defer tick.Stop()
	for {
		select {
		case <-d.stop:
			return
		case <-d.wake:
		}
		for begun := time.Now(); d.renderAll(); begun = time.Now() {
			tick.Reset(max(frameEvery-time.Since(begun), frameEvery/4)) // a beat of frames, and room for others when they are slow
			select {
			case <-d.stop:
				return
			case <-tick.C:
			}
		}
	}
}

// renderAll renders each view once and ends streams that may not see theirs any more. It is false when there is none.
func (d *frameDesk) renderAll() bool {
	d.mu.Lock()
	views := slices.Collect(maps.Values(d.views))
	streams := slices.Collect(maps.Keys(d.streams))
	d.mu.Unlock()
	for _, s := range streams {
		for _, role := range s.roles {
			if !d.may(s.session, s.site, role) {
				s.end()
			}
		}
	}
	for _, v := range views {
		regions, err := d.render(v)
		if err != nil {
			d.out.Warn("live region", "topic", v.topic.name, "site", v.key.site, "error", err)
			continue
		}
		d.publish(v, regions)
	}
	return len(streams) > 0
}

// render gives the content of a view's regions by id, as the fields of a JSON object.
func (d *frameDesk) render(v *frameView) (regions map[string][]byte, err error) {
	defer func() {
		if what := recover(); what != nil { // a bug in one page must not end the others, nor the server
			d.panicked(v.topic.name, what)
			regions, err = nil, fmt.Errorf("panic: %v", what)
		}
	}()
	site, ok := d.site(v.key.site)
	if !ok || site.Retired != 0 {
		return nil, fmt.Errorf("no site %q", v.key.site)
	}
	f := d.frame(site, v.text, v.query)
	parts, err := v.topic.render(f)
	if err != nil {
		return nil, err
	}
	regions = make(map[string][]byte, len(parts))
	var html bytes.Buffer
	for id, part := range parts {
		html.Reset()
		if err := ui.In(v.text, part).Render(f.ctx, &html); err != nil {
			return nil, fmt.Errorf("region %s: %w", id, err)
		}
		name, err := json.Marshal(id)
		if err != nil {
			return nil, err
		}
		regions[id] = appendText(append(name, ':'), html.String())
	}
	return regions, nil
}

// publish keeps what changed and wakes those who look.
func (d *frameDesk) publish(v *frameView, now map[string][]byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := v.version + 1
	changed := false
	for _, id := range slices.Sorted(maps.Keys(now)) {
		at := slices.IndexFunc(v.regions, func(r frameRegion) bool { return r.id == id })
		switch {
		case at < 0:
			v.regions = append(v.regions, frameRegion{id, now[id], next})
		case bytes.Equal(v.regions[at].json, now[id]):
			continue
		default:
			v.regions[at].json, v.regions[at].version = now[id], next
		}
		changed = true
	}
	if !changed {
		return
	}
	v.newest = v.appendSince(nil, v.version)
	v.version = next
	for s := range d.streams {
		if slices.ContainsFunc(s.views, func(seen seenView) bool { return seen.view == v }) {
			select {
			case s.ready <- struct{}{}:
			default: // it has not taken the one before yet, and will find this one then
			}
		}
	}
}

// appendSince appends the message with what changed after a version. HTML in JSON has no line ends, which would end the message.
func (v *frameView) appendSince(dst []byte, version uint64) []byte {
	dst = append(dst, `data: {"regions":{`...)
	comma := false
	for i := range v.regions {
		if r := &v.regions[i]; r.version > version {
			if comma {
				dst = append(dst, ',')
			}
			dst = append(dst, r.json...)
			comma = true
		}
	}
	return append(dst, "}}\n\n"...)
}
