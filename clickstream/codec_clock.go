package clickstream

import "encoding/binary"

// Tick moves a site's clock, so that its sessions close when nobody comes. One goes to every data partition.
type Tick struct {
	Site  string
	Clock int64 // Unix ms
}

// AppendTick appends t as a tick record: type=2 version=1 site clock:varint.
func AppendTick(dst []byte, t *Tick) []byte {
	dst = append(dst, RecordTick, codecVersion)
	dst = appendString(dst, t.Site)
	return binary.AppendVarint(dst, t.Clock)
}

// DecodeTick reads a tick record, its type byte included. Site is a substring of data.
func DecodeTick(data string, t *Tick) error {
	d := decoder{s: data}
	d.header(RecordTick)
	t.Site, t.Clock = d.str(), d.varint()
	return d.end(RecordTick)
}

// Settings is how a site's sessions are cut, from this record on. One goes to every data partition.
type Settings struct {
	Site     string
	Gap      int64 // ms without an event that end a session
	Lateness int64 // ms by which an event may be behind the watermark and still count
	Longest  int64 // ms a session may last
}

// AppendSettings appends s as a settings record: type=3 version=1 site gap:varint lateness:varint longest:varint.
func AppendSettings(dst []byte, s *Settings) []byte {
	dst = append(dst, RecordSettings, codecVersion)
	dst = appendString(dst, s.Site)
	dst = binary.AppendVarint(dst, s.Gap)
	dst = binary.AppendVarint(dst, s.Lateness)
	return binary.AppendVarint(dst, s.Longest)
}

// DecodeSettings reads a settings record, its type byte included. Site is a substring of data.
func DecodeSettings(data string, s *Settings) error {
	d := decoder{s: data}
	d.header(RecordSettings)
	s.Site, s.Gap, s.Lateness, s.Longest = d.str(), d.varint(), d.varint(), d.varint()
	return d.end(RecordSettings)
}
