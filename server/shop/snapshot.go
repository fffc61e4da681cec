package shop

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strconv"

	json "github.com/go-json-experiment/json"
)

// A snapshot is lines of JSON, one object each, and a last line that is the CRC-32C of all bytes before it as 8 hex digits:
//
//	{"format":"beckon shop","version":1,"epoch":"…","offset":17}
//	{"site":{…},"ever":true,"since":1790000000000}  then its keys, items and refs; sites in order of id
//	{"key":{…}}                           in order of making; secret keys sealed
//	{"item":{…},"level":"low",…}          in order of id
//	{"refs":"<hex>"}                      up to refsPerLine ids of the newer generation; "older":true for the older
//	{"user":{…}}                          in order of name
//	{"end":true}
//	8f3a12cd
//
// The same state gives the same bytes. Version 1 is the only one so far; a reader refuses others.
const (
	snapshotFormat  = "beckon shop"
	snapshotVersion = 1
	refsPerLine     = 1000
	maxSnapshotLine = 1 << 20
)

type snapshotHead struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Epoch   string `json:"epoch"`
	Offset  uint64 `json:"offset"`
}

// snapshotLine is any line but the head. Which pointer is set says what it is.
type snapshotLine struct {
	Site  *Site `json:"site,omitzero"`
	Ever  bool  `json:"ever,omitzero"`  // it has had an item
	Since int64 `json:"since,omitzero"` // its newer refs

	Key *keyState `json:"key,omitzero"`

	Item    *itemJSON     `json:"item,omitzero"`
	Level   string        `json:"level,omitempty"`
	Inexact bool          `json:"inexact,omitzero"`
	Lowest  int64         `json:"lowest_30d,omitzero"`
	PriceAt int64         `json:"price_at,omitzero"`
	History []pricePeriod `json:"history,omitempty"`
	Created int64         `json:"created,omitzero"`
	Changed int64         `json:"changed,omitzero"`

	Refs  string `json:"refs,omitempty"`
	Older bool   `json:"older,omitzero"`

	User *userState `json:"user,omitzero"`
	End  bool       `json:"end,omitzero"`
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// write writes im as a snapshot at offset.
func (im *image) write(w io.Writer, epoch string, offset uint64) error {
	sum := crc32.New(castagnoli)
	out := bufio.NewWriterSize(io.MultiWriter(w, sum), 256<<10)
	line := func(v any) error {
		if err := json.MarshalWrite(out, v, json.Deterministic(true)); err != nil {
			return err
		}
		return out.WriteByte('\n')
	}
	if err := line(snapshotHead{snapshotFormat, snapshotVersion, epoch, offset}); err != nil {
		return err
	}
	for i := range im.sites {
		if err := im.sites[i].write(line); err != nil {
			return err
		}
	}
	for i := range im.users {
		if err := line(snapshotLine{User: &im.users[i]}); err != nil {
			return err
		}
	}
	if err := line(snapshotLine{End: true}); err != nil {
		return err
	}
	if err := out.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%08x\n", sum.Sum32())
	return err
}

func (s *siteImage) write(line func(any) error) error {
	if err := line(snapshotLine{Site: &s.site, Ever: s.ever, Since: s.since}); err != nil {
		return err
	}
	for i := range s.keys {
		if err := line(snapshotLine{Key: &s.keys[i]}); err != nil {
			return err
		}
	}
	s.sorted()
	for _, it := range s.items {
		w := it.wire()
		if err := line(snapshotLine{
			Item: &w, Level: it.Level, Inexact: it.inexact, Lowest: it.Lowest30d, PriceAt: it.PriceAt, History: it.history,
			Created: it.Created, Changed: it.Changed,
		}); err != nil {
			return err
		}
	}
	for _, half := range [...]struct {
		ids   map[ref]struct{}
		older bool
	}{{s.newer, false}, {s.older, true}} {
		ids := sortedRefs(half.ids)
		for len(ids) > 0 {
			n := min(len(ids), refsPerLine)
			raw := make([]byte, 0, n*len(ref{}))
			for _, r := range ids[:n] {
				raw = append(raw, r[:]...)
			}
			if err := line(snapshotLine{Refs: hex.EncodeToString(raw), Older: half.older}); err != nil {
				return err
			}
			ids = ids[n:]
		}
	}
	return nil
}

var errDamaged = errors.New("damaged")

// readSnapshot reads a whole snapshot and checks all of it. Any error but ErrSecret means that an older one should be tried.
func readSnapshot(r io.Reader, sealer *sealer) (f *fold, head snapshotHead, err error) {
	in := bufio.NewReaderSize(r, 256<<10)
	sum := crc32.New(castagnoli)
	f = newFold(sealer)
	var site *siteState
	var long []byte
	for n := 0; ; n++ {
		text, err := in.ReadSlice('\n')
		for long = long[:0]; errors.Is(err, bufio.ErrBufferFull) && len(long) < maxSnapshotLine; text, err = in.ReadSlice('\n') {
			long = append(long, text...)
		}
		if err != nil {
			return nil, head, fmt.Errorf("line %d: %w", n, errors.Join(errDamaged, err))
		}
		if len(long) > 0 {
			text = append(long, text...)
		}
		sum.Write(text)
		text = bytes.TrimSuffix(text, []byte("\n"))
		if n == 0 {
			if err := json.Unmarshal(text, &head); err != nil || head.Format != snapshotFormat || head.Version != snapshotVersion {
				return nil, head, fmt.Errorf("line 0: not a snapshot of version %d: %w", snapshotVersion, errDamaged)
			}
			continue
		}
		var l snapshotLine
		if err := json.Unmarshal(text, &l); err != nil {
			return nil, head, fmt.Errorf("line %d: %w", n, errors.Join(errDamaged, err))
		}
		if l.End {
			break
		}
		if site, err = f.load(site, &l); err != nil {
			return nil, head, fmt.Errorf("line %d: %w", n, err)
		}
	}
	last, err := io.ReadAll(io.LimitReader(in, 10))
	if err != nil || len(last) != 9 || last[8] != '\n' {
		return nil, head, fmt.Errorf("checksum: %w", errors.Join(errDamaged, err))
	}
	if want, err := strconv.ParseUint(string(last[:8]), 16, 32); err != nil || uint32(want) != sum.Sum32() {
		return nil, head, fmt.Errorf("checksum is %08x, want %s: %w", sum.Sum32(), last[:8], errDamaged)
	}
	return f, head, nil
}

// load takes one line into f and returns the site that following lines belong to.
func (f *fold) load(site *siteState, l *snapshotLine) (*siteState, error) {
	switch {
	case l.Site != nil && f.sites[l.Site.ID] == nil && validSiteID(l.Site.ID):
		site = &siteState{site: *l.Site, catalog: newCatalog(), seen: &seenList{}}
		site.catalog.ever.Store(l.Ever)
		site.refs.since = l.Since
		f.sites[l.Site.ID] = site
	case l.User != nil && l.User.Name != "":
		f.users[l.User.Name] = l.User
	case site == nil:
		return nil, fmt.Errorf("before any site: %w", errDamaged)
	case l.Key != nil:
		if err := f.open(site.site.ID, l.Key); err != nil {
			return nil, err
		}
		site.keys = append(site.keys, *l.Key)
		f.texts[l.Key.plain] = keyName{site.site.ID, l.Key.ID}
	case l.Item != nil && l.Item.ID != "":
		it := l.Item.item()
		it.Level, it.inexact, it.Lowest30d, it.PriceAt, it.history = levelName(l.Level), l.Inexact, l.Lowest, l.PriceAt, l.History
		it.Created, it.Changed = l.Created, l.Changed
		site.catalog.put(it)
	case l.Refs != "":
		return site, site.loadRefs(l)
	default:
		return nil, fmt.Errorf("neither site, key, item, refs nor user: %w", errDamaged)
	}
	return site, nil
}

func (s *siteState) loadRefs(l *snapshotLine) error {
	raw, err := hex.DecodeString(l.Refs)
	if err != nil || len(raw)%len(ref{}) != 0 {
		return fmt.Errorf("refs: %w", errDamaged)
	}
	half := &s.refs.newer
	if l.Older {
		half = &s.refs.older
	}
	if *half == nil {
		*half = map[ref]struct{}{}
	}
	for ; len(raw) > 0; raw = raw[len(ref{}):] {
		(*half)[ref(raw)] = struct{}{}
	}
	return nil
}

// levelName is the one string of that level, so that a million items share four.
func levelName(name string) string {
	switch name {
	case LevelLow:
		return LevelLow
	case LevelOut:
		return LevelOut
	case LevelBack:
		return LevelBack
	}
	return LevelIn
}
