package offers

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	json "github.com/go-json-experiment/json"
)

// Load takes one line of Image, in order, into an empty Ledger. An error means that the image is damaged, and the Ledger of no use.
func (l *Ledger) Load(line []byte) error {
	text := string(line)
	var err error
	switch {
	case strings.HasPrefix(text, `{"seq":`):
		err = l.loadHead(line)
	case strings.HasPrefix(text, `{"campaign":`):
		err = l.loadCampaign(line)
	case strings.HasPrefix(text, `{"shoppers":`):
		err = l.loadShoppers(line)
	case strings.HasPrefix(text, `{"settled":`), strings.HasPrefix(text, `{"open":`):
		err = l.loadEntries(line)
	default:
		err = errors.New("neither seq, campaign, shoppers, settled nor open")
	}
	if err != nil {
		return fmt.Errorf("offers: load: %w", err)
	}
	return nil
}

func (l *Ledger) loadHead(line []byte) error {
	var head imageHead
	if err := json.Unmarshal(line, &head); err != nil {
		return err
	}
	l.seq, l.number, l.serial = head.Seq, head.Number, head.Serial
	return nil
}

func (l *Ledger) loadCampaign(line []byte) error {
	var in imageCampaign
	if err := json.Unmarshal(line, &in); err != nil {
		return err
	}
	switch {
	case in.Campaign == nil || !validID(in.Campaign.ID):
		return errors.New("a campaign without an id")
	case in.Serial == 0 || in.Serial > l.serial || l.campaigns[in.Serial] != nil:
		return fmt.Errorf("campaign %s has serial %d", in.Campaign.ID, in.Serial)
	}
	s := l.sites[in.Site]
	if s == nil {
		s = l.makeSite(in.Site)
	}
	c := &campaign{serial: in.Serial, site: s}
	c.shown.Store(in.Campaign)
	c.account = account{grants: in.Grants, states: in.States, reserved: in.Reserved, spent: in.Spent, day: in.Day, today: in.Today}
	for name, n := range in.Refusals {
		code, ok := codeOf(name)
		if !ok {
			return fmt.Errorf("campaign %s refused for %q", in.Campaign.ID, name)
		}
		c.refusals[code] = n
	}
	l.campaigns[c.serial] = c
	if in.Campaign.State != Removed {
		s.campaigns[in.Campaign.ID] = c
	}
	l.show(s)
	return nil
}

func (l *Ledger) loadShoppers(line []byte) error {
	var in struct {
		Campaign uint32 `json:"shoppers"`
		Counts   string `json:"counts"`
	}
	if err := json.Unmarshal(line, &in); err != nil {
		return err
	}
	c := l.campaigns[in.Campaign]
	raw, err := hex.DecodeString(in.Counts)
	if c == nil || err != nil || len(raw)%countBytes != 0 {
		return fmt.Errorf("shoppers of campaign %d", in.Campaign)
	}
	for ; len(raw) > 0; raw = raw[countBytes:] {
		who := [16]byte(raw)
		counts := c.shoppers.edit(who, l.entries.epoch)
		if counts[who] == 0 {
			l.shoppers++
		}
		counts[who] = binary.BigEndian.Uint32(raw[16:])
	}
	return nil
}

func (l *Ledger) loadEntries(line []byte) error {
	var in struct {
		Settled []byte `json:"settled"`
		Open    []byte `json:"open"`
	}
	if err := json.Unmarshal(line, &in); err != nil {
		return err
	}
	settled := len(in.Settled) > 0
	for raw := append(in.Settled, in.Open...); len(raw) > 0; {
		var e entry
		item, rest, ok := readEntry(raw, &e)
		c := l.campaigns[e.campaign]
		if !ok || c == nil || e.seq == 0 || e.granted() != (e.number != 0) || settled && len(in.Open) > 0 {
			return errors.New("a claim that cannot be")
		}
		raw = rest
		e.item, e.settled = l.itemNumber(item), settled
		l.loadEntry(c, &e)
	}
	return nil
}

// readEntry reads what appendEntry wrote.
func readEntry(raw []byte, e *entry) (item string, rest []byte, ok bool) {
	if len(raw) < entryBytes {
		return "", nil, false
	}
	for _, into := range [...]*[16]byte{&e.id, &e.who, &e.transaction} {
		*into, raw = [16]byte(raw), raw[16:]
	}
	number := func() (n uint64) {
		n, raw = binary.LittleEndian.Uint64(raw), raw[8:]
		return n
	}
	e.seq, e.number = number(), number()
	for _, into := range [...]*int64{&e.amount, &e.spent, &e.value, &e.decided, &e.expires} {
		*into = int64(number())
	}
	e.campaign = binary.LittleEndian.Uint32(raw)
	e.state, e.code, e.percent = entryState(raw[4]), claimCode(raw[5]), raw[6] == 1
	length := int(raw[7])
	raw = raw[8:]
	if e.state >= states || e.code >= codes || len(raw) < length {
		return "", nil, false
	}
	return string(raw[:length]), raw[length:], true
}

func (l *Ledger) loadEntry(c *campaign, e *entry) {
	place := l.entries.add(e)
	c.site.ids[e.id] = place
	c.remembered++
	if e.granted() {
		l.numbers.put(e.number, place)
	}
	if e.settled {
		l.settled.push(place)
		return
	}
	l.open.push(openOffer{e.expires, e.seq, place})
	if e.state == stateLive {
		c.site.live.put(e.who, l.liveOffer(c, e))
	}
}
