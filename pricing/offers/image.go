package offers

import (
	"bytes"
	"cmp"
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
//	{"settled":[[…],…]}                                       claims whose time is over, in that order; see appendEntry
//	{"open":[[…],…]}                                          the others, as they will expire
//
// The same state gives the same bytes.
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
	for _, s := range c {
		if s == nil {
			continue
		}
		from := len(raw)
		for who, n := range s.counts {
			raw = binary.BigEndian.AppendUint32(append(raw, who[:]...), n)
		}
		sortCounts(raw[from:])
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

// sortCounts orders counts by shopper, in place.
func sortCounts(raw []byte) {
	all := make([][countBytes]byte, len(raw)/countBytes)
	for i := range all {
		all[i] = [countBytes]byte(raw[i*countBytes:])
	}
	slices.SortFunc(all, func(a, b [countBytes]byte) int { return bytes.Compare(a[:], b[:]) })
	for i := range all {
		copy(raw[i*countBytes:], all[i][:])
	}
}

func (im *image) writeEntries(name string, all []*entry, line func(v any) error) error {
	for len(all) > 0 {
		part := all[:min(len(all), entriesPerLine)]
		all = all[len(part):]
		text := append(append([]byte(`{"`), name...), `":[`...)
		for i, e := range part {
			if i > 0 {
				text = append(text, ',')
			}
			text = appendEntry(text, e, im.items[e.item])
		}
		if err := line(jsontext.Value(append(text, "]}"...))); err != nil {
			return err
		}
	}
	return nil
}

// appendEntry appends ["id","who","transaction",seq,number,amount,spent,value,decided,expires,campaign,"item",state,"code",percent].
func appendEntry(dst []byte, e *entry, item string) []byte {
	dst = append(dst, `["`...)
	dst = hex.AppendEncode(dst, e.id[:])
	for _, raw := range [...][16]byte{e.who, e.transaction} {
		dst = append(dst, `","`...)
		if raw != ([16]byte{}) {
			dst = hex.AppendEncode(dst, raw[:])
		}
	}
	dst = append(dst, '"')
	for _, n := range [...]int64{int64(e.seq), int64(e.number), e.amount, e.spent, e.value, e.decided, e.expires, int64(e.campaign)} {
		dst = strconv.AppendInt(append(dst, ','), n, 10)
	}
	dst = appendText(append(dst, ','), item)
	dst = strconv.AppendUint(append(dst, ','), uint64(e.state), 10)
	dst = appendText(append(dst, ','), codeNames[e.code])
	percent := int64(0)
	if e.percent {
		percent = 1
	}
	return append(strconv.AppendInt(append(dst, ','), percent, 10), ']')
}
