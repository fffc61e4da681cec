package push

import (
	"strconv"
	"unicode/utf8"
)

// Kinds of frames that the hub itself sends. Items' kinds ("stock", "price") come from the callers.
const (
	kindHello           = "hello"
	kindResync          = "resync"
	kindPong            = "pong"
	kindError           = "error"
	kindOffer           = "offer"
	kindRecommendations = "recommendations"
)

// frame is one server frame, encoded once for all connections and never changed afterwards.
type frame struct {
	kind, key string // a newer frame of the same kind and key replaces a waiting one, unless sequence
	sequence  bool   // an offer: never replaced
	offset    uint64
	offsetAt  int // where the digits of offset begin in text
	text      []byte
}

// encoder makes the fields that every frame begins with.
type encoder struct {
	epoch string // `,"epoch":"…","offset":`
}

func newEncoder(epoch string) encoder {
	return encoder{`,"epoch":` + string(appendText(nil, epoch)) + `,"offset":`}
}

// append appends a frame: the head, then the fields of body, which is one JSON object or empty. It returns where the offset's
// digits begin, counted from the start of dst.
func (e encoder) append(dst []byte, kind string, offset uint64, ms int64, body []byte) ([]byte, int) {
	dst = append(dst, `{"type":"`...)
	dst = append(dst, kind...)
	dst = append(dst, '"')
	dst = append(dst, e.epoch...)
	at := len(dst)
	dst = strconv.AppendUint(dst, offset, 10)
	dst = append(dst, `,"ts":`...)
	dst = strconv.AppendInt(dst, ms, 10)
	if len(body) > len(`{}`) {
		dst = append(dst, ',')
		return append(dst, body[1:]...), at
	}
	return append(dst, '}'), at
}

func (e encoder) frame(kind, key string, sequence bool, offset uint64, ms int64, body []byte) *frame {
	f := &frame{kind: kind, key: key, sequence: sequence, offset: offset}
	f.text, f.offsetAt = e.append(make([]byte, 0, len(body)+len(kind)+len(e.epoch)+64), kind, offset, ms, body)
	return f
}

// at returns the frame with a later offset, for a connection that was already sent a later one.
func (f *frame) at(offset uint64) *frame {
	if f.offset == offset {
		return f
	}
	end := f.offsetAt
	for end < len(f.text) && f.text[end] >= '0' && f.text[end] <= '9' {
		end++
	}
	moved := *f
	moved.offset = offset
	moved.text = make([]byte, 0, len(f.text)+20)
	moved.text = append(moved.text, f.text[:f.offsetAt]...)
	moved.text = strconv.AppendUint(moved.text, offset, 10)
	moved.text = append(moved.text, f.text[end:]...)
	return &moved
}

// appendText appends s as a JSON string (RFC 8259); bytes that are not UTF-8 become U+FFFD.
func appendText(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '"')
}
