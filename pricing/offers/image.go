package offers

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"maps"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// An image is lines of JSON, in this order:
//
//	{"seq":40,"number":17,"serial":3}                         of the newest claim, offer and campaign
//	{"campaign":{…},"site":"demo","serial":3,…}               settings and account, in order of serial
//	{"shoppers":3,"counts":"<hex>"}                           of campaign 3: who and count as 16 and 4 bytes, in order of who
//	{"settled":"<base64>"}                                    claims whose time is over, in that order; see appendEntry
//	{"open":"<base64>"}                                       the others, as they will expire
//
// The same state gives the same bytes. Claims are packed: there may be a million of them, and JSON of each would be most of a snapshot's
// work.
type imageHead struct {
	Seq    uint64 `json:"seq"`
	Number uint64 `json:"number"`
	Serial uint32 `json:"serial"`
}

type imageCampaign struct {
	Campaign *Campaign        `json:"campaign"`
	Site     string           `json:"site"`
	Serial   uint32           `json:"serial"`
	Grants   int64            `json:"grants"`
	States   [states]int64    `json:"states"`
	Refusals map[string]int64 `json:"refusals,omitempty"`
	Reserved int64            `json:"reserved"`
	Spent    int64            `json:"spent"`
	Day      int64            `json:"day,omitzero"`
	Today    int64            `json:"today,omitzero"`
}

// How much stands on one line, so that none comes near 256 KiB.
const (
	entriesPerLine  = 500
	shoppersPerLine = 4000
	countBytes      = 16 + 4
)

// image is the state at one place of the log. What it points to is not changed any more.
type image struct {
	head      imageHead
	campaigns []imageCampaign
	shoppers  []shopperCounts // of each campaign
	pieces    []*piece
	items     []string
}

// Image is the state as lines of JSON, each below 256 KiB; what it returns may be called from another goroutine while Apply goes on.
// It costs a pointer for each 256 remembered claims; what changes afterwards is copied piece by piece.
func (l *Ledger) Image() func(line func(v any) error) error {
	im := image{
		head: imageHead{l.seq, l.number, l.serial}, pieces: slices.Clone(l.entries.pieces), items: l.items,
	}
	for _, serial := range slices.Sorted(maps.Keys(l.campaigns)) {
		c := l.campaigns[serial]
		im.campaigns = append(im.campaigns, imageCampaign{
			Campaign: c.shown.Load(), Site: c.site.name, Serial: serial, Grants: c.grants, States: c.states, Refusals: c.report().Totals.Refusals,
			Reserved: c.reserved, Spent: c.spent, Day: c.day, Today: c.today,
		})
		im.shoppers = append(im.shoppers, c.shoppers)
	}
	l.entries.epoch++ // from now on pieces and shards are copied before they change
	return im.write
}

func (im *image) write(line func(v any) error) error {
	if err := line(im.head); err != nil {
		return err
	}
	for i := range im.campaigns {
		if err := line(&im.campaigns[i]); err != nil {
			return err
		}
	}
	for i := range im.shoppers {
		if err := writeShoppers(im.campaigns[i].Serial, &im.shoppers[i], line); err != nil {
			return err
		}
	}
	settled, open := im.inOrder()
	if err := im.writeEntries("settled", settled, line); err != nil {
		return err
	}
	return im.writeEntries("open", open, line)
}

// inOrder is the entries by the end of their time: the order of the settled queue, and that in which the others will join it.
func (im *image) inOrder() (settled, open []*entry) {
	for _, p := range im.pieces {
		for i := range p.all {
			switch e := &p.all[i]; {
			case e.seq == 0:
			case e.settled:
				settled = append(settled, e)
			default:
				open = append(open, e)
			}
		}
	}
	for _, all := range [...][]*entry{settled, open} {
		slices.SortFunc(all, func(a, b *entry) int { return cmp.Or(cmp.Compare(a.expires, b.expires), cmp.Compare(a.seq, b.seq)) })
	}
	return settled, open
}

func writeShoppers(serial uint32, c *shopperCounts, line func(v any) error) error {
	raw := make([]byte, 0, c.len()*countBytes)
	var all []shopperCount
	for _, s := range c {
		if s == nil {
			continue
		}
		all = all[:0]
		for who, n := range s.counts {
			all = append(all, shopperCount{binary.BigEndian.Uint64(who[:8]), binary.BigEndian.Uint64(who[8:]), n})
		}
		slices.SortFunc(all, func(a, b shopperCount) int { return cmp.Or(cmp.Compare(a.high, b.high), cmp.Compare(a.low, b.low)) })
		for i := range all {
			raw = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(raw, all[i].high), all[i].low)
			raw = binary.BigEndian.AppendUint32(raw, all[i].n)
		}
	}
	for len(raw) > 0 {
		part := raw[:min(len(raw), shoppersPerLine*countBytes)]
		raw = raw[len(part):]
		text := strconv.AppendUint([]byte(`{"shoppers":`), uint64(serial), 10)
		text = append(hex.AppendEncode(append(text, `,"counts":"`...), part), `"}`...)
		if err := line(jsontext.Value(text)); err != nil {
			return err
		}
	}
	return nil
}

// shopperCount is a shopper as two numbers, which are sorted faster than bytes.
type shopperCount struct {
	high, low uint64
	n         uint32
}

func (im *image) writeEntries(name string, all []*entry, line func(v any) error) error {
	var raw []byte
	for len(all) > 0 {
		part := all[:min(len(all), entriesPerLine)]
		all = all[len(part):]
		raw = raw[:0]
		for _, e := range part {
			raw = appendEntry(raw, e, im.items[e.item])
		}
		text := append(append([]byte(`{"`), name...), `":"`...)
		text = append(base64.StdEncoding.AppendEncode(text, raw), `"}`...)
		if err := line(jsontext.Value(text)); err != nil {
			return err
		}
	}
	return nil
}

// entryBytes is an entry without its item.
const entryBytes = 3*16 + 7*8 + 4 + 4

// appendEntry appends id, who, transaction, seq, number, amount, spent, value, decided, expires and campaign, little endian, then one byte
// each for state, code, percent and the length of the item, and the item.
func appendEntry(dst []byte, e *entry, item string) []byte {
	dst = append(dst, e.id[:]...)
	dst = append(dst, e.who[:]...)
	dst = append(dst, e.transaction[:]...)
	for _, n := range [...]uint64{e.seq, e.number, uint64(e.amount), uint64(e.spent), uint64(e.value), uint64(e.decided), uint64(e.expires)} {
		dst = binary.LittleEndian.AppendUint64(dst, n)
	}
	dst = binary.LittleEndian.AppendUint32(dst, e.campaign)
	percent := byte(0)
	if e.percent {
		percent = 1
	}
	dst = append(dst, byte(e.state), byte(e.code), percent, byte(len(item)))
	return append(dst, item...)
}
