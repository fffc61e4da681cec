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
		err = l.loadEntries(text)
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

func (l *Ledger) loadEntries(text string) error {
	s := scanner{in: text}
	s.enter('{')
	settled := s.name() == "settled"
	s.enter('[')
	for first := true; s.more(']', first); first = false {
		var e entry
		s.entry(&e, l.itemNumber)
		c := l.campaigns[e.campaign]
		if s.err != "" || c == nil || e.state >= states || e.seq == 0 || e.granted() != (e.number != 0) {
			return fmt.Errorf("a claim that cannot be: %s", s.err)
		}
		e.settled = settled
		l.loadEntry(c, &e)
	}
	s.enter('}')
	if wrong := s.end(); wrong != "" {
		return errors.New(wrong)
	}
	return nil
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

// entry reads what appendEntry wrote.
func (s *scanner) entry(e *entry, item func(id string) uint32) {
	comma := func() {
		if s.space() != ',' {
			s.fail("want ,")
		}
		s.at = min(s.at+1, len(s.in))
	}
	number := func() int64 {
		comma()
		return s.int()
	}
	s.enter('[')
	for i, raw := range [...]*[16]byte{&e.id, &e.who, &e.transaction} {
		if i > 0 {
			comma()
		}
		if text := s.text(); text != "" || i == 0 {
			var ok bool
			if *raw, ok = parseHex(text); !ok {
				s.fail("want 32 hex digits")
			}
		}
	}
	e.seq = uint64(number())
	e.number = uint64(number())
	for _, n := range [...]*int64{&e.amount, &e.spent, &e.value, &e.decided, &e.expires} {
		*n = number()
	}
	e.campaign = uint32(number())
	comma()
	if id := s.text(); s.err == "" {
		e.item = item(id)
	}
	e.state = entryState(number())
	comma()
	code, ok := codeOf(s.text())
	if !ok {
		s.fail("an unknown code")
	}
	e.code = code
	e.percent = number() == 1
	s.enter(']')
}
