package shop

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strconv"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A snapshot is lines of JSON, one object each, and a last line that is the CRC-32C of all bytes before it as 8 hex digits:
//
//	{"format":"beckon shop","version":1,"epoch":"…","offset":17,"clock":1790000000000,"folds":["offer","price"],"audit":1}
//	{"site":{…},"ever":true,"since":1790000000000}  then its keys, items and refs; sites in order of id
//	{"key":{…}}                           in order of making; secret keys sealed
//	{"item":{…},"level":"low",…}          in order of id
//	{"refs":"<hex>"}                      up to refsPerLine ids of the newer generation; "older":true for the older
//	{"reservation":{…}}                   an open one, in order of id
//	{"endings":"<hex>"}                   up to refsPerLine of the newer generation; "older":true for the older
//	{"user":{…}}                          in order of name
//	{"session":{…}}                       in order of user and beginning
//	{"audit":{…}}                         up to auditPerLine remembered changes, or what links them
//	{"fold":"offer","line":{…}}           what another fold wrote, in its order
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
	Format  string   `json:"format"`
	Version int      `json:"version"`
	Epoch   string   `json:"epoch"`
	Offset  uint64   `json:"offset"`
	Clock   int64    `json:"clock,omitzero"`
	Folds   []string `json:"folds,omitempty"` // the other folds that are in it, in order of name
	Audit   int      `json:"audit,omitzero"`  // auditVersion; absent in snapshots that do not know what was changed
}

// snapshotLine is any line but the head. Which pointer is set says what it is.
type snapshotLine struct {
	Site  *Site `json:"site,omitzero"`
	Ever  bool  `json:"ever,omitzero"`  // it has had an item
	Since int64 `json:"since,omitzero"` // its newer refs
	Ends  int64 `json:"ends,omitzero"`  // since when its newer endings are

	Key *keyState `json:"key,omitzero"`

	Item      *itemJSON              `json:"item,omitzero"`
	Level     string                 `json:"level,omitempty"`
	Inexact   bool                   `json:"inexact,omitzero"`
	Created   int64                  `json:"created,omitzero"`
	Changed   int64                  `json:"changed,omitzero"`
	LastOut   int64                  `json:"last_out,omitzero"`
	Scarce    bool                   `json:"scarce,omitzero"`
	ByCover   bool                   `json:"by_cover,omitzero"`
	Written   uint64                 `json:"written,omitzero"`
	Price     offeredJSON            `json:",inline"`
	Elsewhere map[string]offeredJSON `json:"elsewhere,omitempty"`

	Refs  string `json:"refs,omitempty"`
	Older bool   `json:"older,omitzero"`

	Reservation *Reservation `json:"reservation,omitzero"`
	Endings     string       `json:"endings,omitempty"`

	User    *userState `json:"user,omitzero"`
	Session *Session   `json:"session,omitzero"`

	Audit *auditJSON `json:"audit,omitzero"`

	Fold string         `json:"fold,omitempty"`
	Line jsontext.Value `json:"line,omitempty"`

	End bool `json:"end,omitzero"`
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
	head := snapshotHead{Format: snapshotFormat, Version: snapshotVersion, Epoch: epoch, Offset: offset, Clock: im.clock, Audit: auditVersion}
	for _, f := range im.folds {
		head.Folds = append(head.Folds, f.name)
	}
	if err := line(head); err != nil {
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
	for i := range im.logins {
		if err := line(snapshotLine{Session: &im.logins[i]}); err != nil {
			return err
		}
	}
	if err := im.audit.write(line); err != nil {
		return err
	}
	for _, f := range im.folds {
		if err := f.write(line); err != nil {
			return fmt.Errorf("fold %s: %w", f.name, err)
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
	if err := line(snapshotLine{Site: &s.site, Ever: s.ever, Since: s.since, Ends: s.ended.since}); err != nil {
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
			Item: &w, Level: it.Level, Inexact: it.inexact, Created: it.Created, Changed: it.Changed, LastOut: it.LastOut,
			Scarce: it.scarce, ByCover: it.byCover, Written: it.written,
			Price: it.Offered.snapshot(), Elsewhere: elsewhere(it.Elsewhere),
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
	return s.writeReservations(line)
}

var errDamaged = errors.New("damaged")

// readSnapshot reads a whole snapshot and checks all of it. Any error but ErrSecret means that an older one should be tried.
// A snapshot that lacks one of the other folds is of no use either: the log knows all that it should hold.
func readSnapshot(r io.Reader, sealer *sealer, others []func() Fold) (f *fold, head snapshotHead, err error) {
	in := bufio.NewReaderSize(r, 256<<10)
	sum := crc32.New(castagnoli)
	f = newFold(sealer, others)
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
			if have := f.otherNames(); !slices.Equal(have, head.Folds) {
				return nil, head, fmt.Errorf("line 0: it holds the folds %q, want %q: %w", head.Folds, have, errDamaged)
			}
			if head.Audit != auditVersion {
				return nil, head, fmt.Errorf("line 0: it holds version %d of the changes, want %d: %w", head.Audit, auditVersion, errDamaged)
			}
			f.now = head.Clock
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
		site = &siteState{site: *l.Site, catalog: newCatalog(), holds: newHolds(), seen: &seenList{}}
		site.catalog.ever.Store(l.Ever)
		site.refs.since, site.holds.ended.since = l.Since, l.Ends
		f.sites[l.Site.ID] = site
	case l.User != nil && l.User.Name != "":
		f.users[l.User.Name] = l.User
	case l.Session != nil && f.users[l.Session.User] != nil:
		f.logins.add(*l.Session)
	case l.Audit != nil:
		return site, f.changes.load(l.Audit)
	case l.Fold != "":
		other := f.others[l.Fold]
		if other == nil {
			return nil, fmt.Errorf("fold %q: %w", l.Fold, errDamaged)
		}
		if err := other.Load(l.Line); err != nil {
			return nil, fmt.Errorf("fold %s: %w", l.Fold, errors.Join(errDamaged, err))
		}
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
		it.Level, it.inexact = levelName(l.Level), l.Inexact
		it.Created, it.Changed, it.LastOut = l.Created, l.Changed, l.LastOut
		it.Reserved, it.scarce, it.byCover = site.holds.pieces[it.ID], l.Scarce, l.ByCover
		it.written = l.Written
		it.Offered = l.Price.offered(it.Price)
		for m, w := range l.Elsewhere {
			if it.Elsewhere == nil {
				it.Elsewhere = make(map[string]Offered, len(l.Elsewhere))
			}
			it.Elsewhere[m] = w.offered(it.Markets[m].Price)
		}
		site.catalog.put(it)
	case l.Refs != "":
		return site, site.loadRefs(l)
	case l.Reservation != nil:
		return site, f.loadReservation(site, l.Reservation)
	case l.Endings != "":
		return site, site.loadEndings(l)
	default:
		return nil, fmt.Errorf("neither site, key, item, refs, reservation nor user: %w", errDamaged)
	}
	return site, nil
}

func elsewhere(offers map[string]Offered) map[string]offeredJSON {
	if len(offers) == 0 {
		return nil
	}
	out := make(map[string]offeredJSON, len(offers))
	for m, o := range offers {
		out[m] = o.snapshot()
	}
	return out
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
