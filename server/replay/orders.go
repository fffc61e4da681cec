package replay

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

// newRetailRocket reads RetailRocket's events.csv: timestamp,visitorid,event,itemid,transactionid.
func newRetailRocket(lines *lineReader, prefix string) (func([]byte) ([]byte, error), error) {
	if err := wantHeader(lines, "timestamp,visitorid,event,itemid,transactionid"); err != nil {
		return nil, err
	}
	names := map[string]string{"view": "view_item", "addtocart": "add_to_cart", "transaction": "purchase"}
	return func(dst []byte) ([]byte, error) {
		line, err := lines.next()
		if err != nil {
			return dst, err
		}
		f := bytes.Split(line, []byte{','})
		if len(f) != 5 {
			return dst, fmt.Errorf("line %d: %d fields, want 5", lines.n, len(f))
		}
		name, ok := names[string(f[2])]
		if !ok {
			return dst, fmt.Errorf("line %d: unknown event %q", lines.n, f[2])
		}
		dst = appendHead(dst, prefix, lines.n, name, f[0], f[1])
		if name == "purchase" {
			// One line is one item of an order: the transaction id carries the line so that each counts.
			dst = fmt.Appendf(dst, `,"transaction_id":"%s-%s-%s"`, prefix, f[4], f[3])
		}
		return fmt.Appendf(dst, `,"items":[{"item_id":"%s"}]}`+"\n", f[3]), nil
	}, nil
}

func wantHeader(lines *lineReader, want string) error {
	line, err := lines.next()
	if err != nil {
		return fmt.Errorf("read header: %w", err)
	}
	if got := strings.TrimPrefix(string(line), "\ufeff"); got != want {
		return fmt.Errorf("header is %q, want %q", got, want)
	}
	return nil
}

// onlineRetail reads the UCI Online Retail set (id 352): one line of an invoice a row, invoices in order. An invoice becomes one
// purchase, an invoice that starts with C one refund. Rows without a customer become a visitor of their own per invoice.
type onlineRetail struct {
	rows   *csv.Reader
	prefix string
	next   []string // the row read ahead
	n      int64
}

type orderLine struct {
	ID       string `json:"item_id"`
	Price    int64  `json:"price"`
	Quantity int64  `json:"quantity"`
}

type order struct {
	ID          string      `json:"id"`
	Name        string      `json:"name"`
	Time        int64       `json:"ts"`
	Visitor     string      `json:"visitor"`
	Transaction string      `json:"transaction_id"`
	Currency    string      `json:"currency"`
	Value       int64       `json:"value"`
	Items       []orderLine `json:"items"`
}

func newOnlineRetail(lines *lineReader, prefix string) (func([]byte) ([]byte, error), error) {
	if err := wantHeader(lines, "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"); err != nil {
		return nil, err
	}
	rows := csv.NewReader(&lineStream{lines: lines})
	rows.FieldsPerRecord = 8
	return (&onlineRetail{rows: rows, prefix: prefix}).order, nil
}

func (f *onlineRetail) order(dst []byte) ([]byte, error) {
	for {
		first, err := f.row()
		if err != nil {
			return dst, err
		}
		o, err := f.start(first)
		if err != nil {
			return dst, err
		}
		for row := first; row != nil; {
			if err := o.add(row); err != nil {
				return dst, fmt.Errorf("invoice %s: %w", first[0], err)
			}
			row, err = f.row()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return dst, err
			}
			if row[0] != first[0] {
				f.next = row
				break
			}
		}
		if len(o.Items) == 0 {
			continue // postage, fees and corrections only
		}
		text, err := json.Marshal(o)
		if err != nil {
			return dst, err
		}
		return append(append(dst, text...), '\n'), nil
	}
}

func (f *onlineRetail) row() ([]string, error) {
	if row := f.next; row != nil {
		f.next = nil
		return row, nil
	}
	return f.rows.Read()
}

func (f *onlineRetail) start(row []string) (*order, error) {
	at, err := time.Parse("2006-01-02 15:04:05", row[4])
	if err != nil {
		return nil, fmt.Errorf("invoice %s: %w", row[0], err)
	}
	f.n++
	invoice, cancelled := strings.CutPrefix(row[0], "C")
	o := &order{
		ID:          fmt.Sprintf("%s-%d", f.prefix, f.n),
		Name:        "purchase",
		Time:        at.UnixMilli(),
		Visitor:     fmt.Sprintf("%s-i%s", f.prefix, invoice),
		Transaction: f.prefix + "-" + invoice,
		Currency:    "GBP",
	}
	if cancelled {
		o.Name = "refund"
	}
	if customer, _, _ := strings.Cut(row[6], "."); customer != "" {
		o.Visitor = fmt.Sprintf("%s-c%s", f.prefix, customer)
	}
	return o, nil
}

func (o *order) add(row []string) error {
	quantity, err := strconv.ParseInt(row[3], 10, 64)
	if err != nil {
		return fmt.Errorf("quantity: %w", err)
	}
	price, err := strconv.ParseFloat(row[5], 64)
	if err != nil {
		return fmt.Errorf("price: %w", err)
	}
	if quantity < 0 {
		quantity = -quantity
	}
	if quantity == 0 || price < 0 || !isItem(row[1]) || len(o.Items) == 500 {
		return nil
	}
	line := orderLine{row[1], int64(math.Round(price * 100)), quantity}
	o.Items = append(o.Items, line)
	o.Value += line.Price * line.Quantity
	return nil
}

// isItem tells real articles (five digits, maybe a letter) from POST, M, BANK CHARGES and the like.
func isItem(code string) bool {
	return len(code) >= 5 && isNumber([]byte(code[:5])) && !strings.ContainsAny(code, " \t\"\\")
}

// lineStream gives the lines back as a stream, for readers of quoted fields.
type lineStream struct {
	lines *lineReader
	rest  []byte
}

func (s *lineStream) Read(p []byte) (int, error) {
	if len(s.rest) == 0 {
		line, err := s.lines.next()
		if err != nil {
			return 0, err
		}
		s.rest = append(append(s.rest[:0], line...), '\n')
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}
