package quote

// Bounds of a quote's fields.
const (
	MaxText   = 200 // bytes of the signed text
	maxItem   = 64
	maxMarket = 32
	maxName   = 64 // of a site and of a cart
)

// Quote is one promised price.
type Quote struct {
	Site     string
	Item     string // 1-64 of A-Z a-z 0-9 _ . : -
	Market   string // at most 32 bytes, "" is the base market
	Version  uint64 // of the price, for the shop to say which one it was
	Amount   int64  // minor units
	Currency string // ISO 4217
	Cart     string // "" for anyone's cart; else only this one, at most 64 bytes
	Expires  int64  // Unix ms, exclusive
}

// fits says that the quote can be signed.
func (q *Quote) fits() bool {
	return len(q.Item) > 0 && len(q.Item) <= maxItem && validItem(q.Item) && len(q.Market) <= maxMarket && len(q.Currency) == 3 &&
		q.Site != "" && len(q.Site) <= maxName && len(q.Cart) <= maxName && q.Amount >= 0 && q.Expires >= 0
}

func validItem(id string) bool {
	for i := range len(id) {
		b := id[i]
		if !(b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '_' || b == '.' || b == ':' || b == '-') {
			return false
		}
	}
	return true
}

// Terms are what a quote is worth. Amounts are minor units of the quote's currency.
type Terms struct {
	Amount       int64 // to be paid
	Locked       int64 // the promised price
	Current      int64 // the public price in force
	NeedsConsent bool  // the promise is over and the price rose: the shopper has to agree before paying Amount
}

// Honour is what a quote is worth at now, given the public price in force: the lower of both until it expires, and then the one in force.
func Honour(q *Quote, current, now int64) Terms {
	t := Terms{Amount: current, Locked: q.Amount, Current: current}
	if now < q.Expires {
		t.Amount = min(q.Amount, current)
	} else {
		t.NeedsConsent = current > q.Amount
	}
	return t
}
