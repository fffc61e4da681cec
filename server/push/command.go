package push

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// command is one client frame, decoded and within its bounds.
type command struct {
	Type       string   `json:"type"`
	Token      string   `json:"token"`      // hello
	Epoch      string   `json:"epoch"`      // hello that resumes
	Offset     uint64   `json:"offset"`     // hello that resumes: the last one received
	Placements []string `json:"placements"` // subscribe, unsubscribe
	Items      []string `json:"items"`      // subscribe, unsubscribe
	Item       string   `json:"item"`       // subscribe: the item whose page the placements stand on
	ID         string   `json:"id"`         // seen
}

const maxID = 64 // bytes of an item, placement or offer id

// Why a client frame was not taken; the text of each is the code of the error frame.
var (
	errBinary      = errors.New("binary_frame")
	errUTF8        = errors.New("bad_utf8")
	errJSON        = errors.New("bad_json")
	errType        = errors.New("unknown_type")
	errID          = errors.New("bad_id")
	errHelloFirst  = errors.New("hello_first")
	errHelloTwice  = errors.New("hello_twice")
	errRate        = errors.New("rate_limited")
	errTooMany     = errors.New("too_many_subscriptions")
	errNoPlacement = errors.New("bad_placement")
)

// decodeCommand decodes a client frame. The result shares no memory with text.
func decodeCommand(text []byte) (command, error) {
	var cmd command
	if !utf8.Valid(text) {
		return cmd, fmt.Errorf("%w: the frame is not UTF-8", errUTF8)
	}
	if err := json.Unmarshal(text, &cmd); err != nil {
		return command{}, fmt.Errorf("%w: %w", errJSON, err)
	}
	switch cmd.Type {
	case "hello", "ping":
	case "subscribe", "unsubscribe":
		for _, id := range cmd.Items {
			if !validID(id) {
				return command{}, fmt.Errorf("%w: items: 1-%d of A-Z a-z 0-9 _ . : -", errID, maxID)
			}
		}
		for _, id := range cmd.Placements {
			if !validID(id) {
				return command{}, fmt.Errorf("%w: placements: 1-%d of A-Z a-z 0-9 _ . : -", errID, maxID)
			}
		}
		if cmd.Item != "" && !validID(cmd.Item) {
			return command{}, fmt.Errorf("%w: item: 1-%d of A-Z a-z 0-9 _ . : -", errID, maxID)
		}
	case "seen":
		if !validID(cmd.ID) {
			return command{}, fmt.Errorf("%w: id: 1-%d of A-Z a-z 0-9 _ . : -", errID, maxID)
		}
	default:
		return command{}, fmt.Errorf("%w: type: one of hello subscribe unsubscribe ping seen", errType)
	}
	return cmd, nil
}

func validID(id string) bool {
	if id == "" || len(id) > maxID {
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

// appendError appends the fields of an error frame. What a client sent is never part of the message.
func appendError(dst []byte, err error) []byte {
	code := err
	for _, known := range [...]error{errBinary, errUTF8, errJSON, errType, errID, errHelloFirst, errHelloTwice, errRate, errTooMany, errNoPlacement} {
		if errors.Is(err, known) {
			code = known
		}
	}
	message := err.Error()
	if errors.Is(err, errJSON) {
		message = "the frame is not a JSON object of the documented fields"
	} else if len(message) > len(code.Error())+2 {
		message = message[len(code.Error())+2:]
	}
	dst = append(dst, `{"error":{"code":`...)
	dst = appendText(dst, code.Error())
	dst = append(dst, `,"message":`...)
	dst = appendText(dst, message)
	return append(dst, `}}`...)
}
