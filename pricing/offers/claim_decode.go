package offers

// DecodeClaim reads the body of an offer.claim into c, whose Lines' memory it uses again. Names in any order; unknown ones are passed
// over. It checks form and bounds; whether the claim can be granted the Ledger decides. Strings of c share one copy of body.
func DecodeClaim(body []byte, c *Claim) error {
	if refused := decodeClaim(string(body), c); refused != nil {
		return refused
	}
	return nil
}

func decodeClaim(body string, c *Claim) *Refusal {
	*c = Claim{Lines: c.Lines[:0]}
	s := scanner{in: body}
	s.enter('{')
	for first := true; s.more('}', first); first = false {
		switch s.name() {
		case "campaign":
			c.Campaign = s.text()
		case "who":
			c.Who = s.text()
		case "item_id":
			c.Item = s.text()
		case "currency":
			c.Currency = s.text()
		case "value":
			c.Value = s.int()
		case "max":
			c.Max = s.int()
		case "lines":
			c.Lines = s.lines(c.Lines[:0])
		default:
			s.skip()
		}
	}
	if wrong := s.end(); wrong != "" {
		return refuse("bad_body", "body: byte %d: %s", s.bad, wrong)
	}
	return c.check()
}

// lines reads a cart's lines onto dst.
func (s *scanner) lines(dst []Line) []Line {
	s.enter('[')
	for first := true; s.more(']', first); first = false {
		if len(dst) == maxLines {
			s.fail("lines: more than 100")
			return dst
		}
		var l Line
		s.enter('{')
		for first := true; s.more('}', first); first = false {
			switch s.name() {
			case "item_id":
				l.Item = s.text()
			case "quantity":
				l.Quantity = s.int()
			case "price":
				l.Price = s.int()
			default:
				s.skip()
			}
		}
		dst = append(dst, l)
	}
	return dst
}

func (c *Claim) check() *Refusal {
	switch {
	case !validID(c.Campaign):
		return refuse("bad_body", "campaign: want 1-64 of A-Z a-z 0-9 _ . : -")
	case c.Item != "" && !validID(c.Item):
		return refuse("bad_body", "item_id: want 1-64 of A-Z a-z 0-9 _ . : -")
	case c.Value < 0 || c.Value > maxCart:
		return refuse("bad_body", "value: %d, want 0 to %d minor units", c.Value, int64(maxCart))
	case c.Max < 0 || c.Max > maxAmount:
		return refuse("bad_body", "max: %d, want 0 to %d minor units", c.Max, int64(maxAmount))
	}
	return checkLines(c.Lines, "lines")
}

func checkLines(lines []Line, name string) *Refusal {
	if len(lines) > maxLines {
		return refuse("bad_body", "%s: %d of them, at most %d", name, len(lines), maxLines)
	}
	for i := range lines {
		switch l := &lines[i]; {
		case !validID(l.Item):
			return refuse("bad_body", "%s.%d.item_id: want 1-64 of A-Z a-z 0-9 _ . : -", name, i)
		case l.Quantity < 1 || l.Quantity > maxQuantity:
			return refuse("bad_body", "%s.%d.quantity: %d, want 1 to %d", name, i, l.Quantity, maxQuantity)
		case l.Price < 0 || l.Price > maxAmount:
			return refuse("bad_body", "%s.%d.price: %d, want 0 to %d minor units", name, i, l.Price, int64(maxAmount))
		}
	}
	return nil
}

// validID is the form of ids of campaigns and items.
func validID(id string) bool {
	if len(id) == 0 || len(id) > 64 {
		return false
	}
	for i := range len(id) {
		switch b := id[i]; {
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == '_', b == '.', b == ':', b == '-':
		default:
			return false
		}
	}
	return true
}
