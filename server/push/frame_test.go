package push

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestFramesAreJSONWithTheirHead(t *testing.T) {
	for _, epoch := range []string{"", "e1", `quote " and \ and ` + "\n\x00", "ü\xff"} {
		for _, body := range []string{"", "{}", `{"id":"o1"}`} {
			f := newEncoder(epoch).frame("offer", "o1", true, 17, 1790000000000, []byte(body))
			for _, offset := range []uint64{17, 0, 1 << 62} {
				var got struct {
					Type, Epoch, ID string
					Offset          uint64
					TS              int64
				}
				text := f.at(offset).text
				if err := json.Unmarshal(text, &got); err != nil {
					t.Fatalf("%s: %v", text, err)
				}
				wantID := ""
				if len(body) > 2 {
					wantID = "o1"
				}
				if got.Type != "offer" || got.Epoch != strings.ToValidUTF8(epoch, "\ufffd") || got.Offset != offset || got.TS != 1790000000000 || got.ID != wantID {
					t.Errorf("epoch %q, body %s, offset %d: %s", epoch, body, offset, text)
				}
			}
			if f.offset != 17 {
				t.Error("moving a frame changed the original")
			}
		}
	}
}

func FuzzDecodeCommand(f *testing.F) {
	for _, seed := range []string{
		`{"type":"hello","token":"t","epoch":"e","offset":17}`,
		`{"type":"subscribe","placements":["home"],"items":["sku-1"],"item":"sku-1"}`,
		`{"type":"unsubscribe","items":["sku-1"]}`, `{"type":"seen","id":"o_1"}`, `{"type":"ping"}`,
		`{"type":"hello","offset":-1}`, `{"type":"subscribe","items":[null]}`, "\xff", ``, `null`, `[]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		cmd, err := decodeCommand(text)
		if err != nil {
			body := appendError(nil, err)
			var got struct {
				Error struct{ Code, Message string }
			}
			if jsonErr := json.Unmarshal(body, &got); jsonErr != nil || got.Error.Code == "" || got.Error.Message == "" {
				t.Errorf("error %v makes the frame %s", err, body)
			}
			return
		}
		for _, id := range append(append(cmd.Items, cmd.Placements...), cmd.ID, cmd.Item) {
			if id != "" && !validID(id) {
				t.Errorf("%q passed as an id in %s", id, text)
			}
		}
	})
}
