package shop

import (
	"bytes"
	"strconv"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
)

// A record of another fold is
//
//	{"t":1790000000000,"by":"engine","do":"offer.claim","site":"demo","id":"c_1","body":{…}}
//
// in exactly this order, without the fields that are empty. Offers are claimed at a rate at which reflection would be most of the cost,
// so this form is written and read by hand; whatever differs from it goes the ordinary way. The caller of Submit vouches for a body that it
// brings as bytes.

// appendEnvelope appends a record that has nothing beyond these fields. ok is false, and dst as it was, when a text needs escapes.
func (c *control) appendEnvelope(dst []byte) (out []byte, ok bool) {
	if !unescaped(c.Actor) || !unescaped(c.Do) || !unescaped(c.Site) || !unescaped(c.ID) {
		return dst, false
	}
	dst = append(dst, `{"t":`...)
	dst = strconv.AppendInt(dst, c.Time, 10)
	dst = appendField(dst, `,"by":"`, c.Actor)
	dst = append(append(append(dst, `,"do":"`...), c.Do...), '"')
	dst = appendField(dst, `,"site":"`, c.Site)
	dst = appendField(dst, `,"id":"`, c.ID)
	if len(c.Body) > 0 {
		dst = append(append(dst, `,"body":`...), c.Body...)
	}
	return append(dst, '}'), true
}

func appendField(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	return append(append(append(dst, name...), value...), '"')
}

// unescaped says that JSON takes s between quotes as it is, and the reader below finds its end.
func unescaped(s string) bool {
	for i := range len(s) {
		if b := s[i]; b < ' ' || b > '~' || b == '"' || b == '\\' {
			return false
		}
	}
	return true
}

// words are the texts of the record before, which the next one mostly repeats.
type words struct{ by, do, site, id string }

// parse reads a payload. Body is borrowed from it.
func (c *control) parse(payload []byte, last *words) error {
	if c.parseEnvelope(payload, last) {
		return nil
	}
	*c = control{}
	return json.Unmarshal(payload, c)
}

// parseEnvelope is false for anything but what appendEnvelope writes with a body.
func (c *control) parseEnvelope(payload []byte, last *words) bool {
	rest, ok := bytes.CutPrefix(payload, timeField)
	if !ok {
		return false
	}
	digits := 0
	for digits < len(rest) && digits < 15 && rest[digits] >= '0' && rest[digits] <= '9' {
		c.Time = 10*c.Time + int64(rest[digits]-'0')
		digits++
	}
	if rest = rest[digits:]; digits == 0 {
		return false
	}
	for _, f := range [...]struct {
		name       string
		into, last *string
	}{{`,"by":"`, &c.Actor, &last.by}, {`,"do":"`, &c.Do, &last.do}, {`,"site":"`, &c.Site, &last.site}, {`,"id":"`, &c.ID, &last.id}} {
		if len(rest) < len(f.name) || string(rest[:len(f.name)]) != f.name {
			continue
		}
		rest = rest[len(f.name):]
		end := bytes.IndexByte(rest, '"')
		if end < 0 {
			return false
		}
		if string(rest[:end]) != *f.last {
			if *f.last = string(rest[:end]); !unescaped(*f.last) {
				*f.last = ""
				return false
			}
		}
		*f.into = *f.last
		rest = rest[end+1:]
	}
	const body = `,"body":`
	if c.Do == "" || len(rest) < len(body)+2 || string(rest[:len(body)]) != body || rest[len(rest)-1] != '}' {
		return false
	}
	c.Body = rest[len(body) : len(rest)-1]
	return true
}

var timeField = []byte(`{"t":`)

// appendBody adds a record that has nothing but the envelope and a body to p.
func (c *control) appendBody(p *record.Packed) error {
	if text, ok := c.appendEnvelope(p.Data); ok {
		p.Data = text
		p.Close()
		return nil
	}
	return c.append(p)
}
