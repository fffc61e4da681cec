package clickstream

import (
	"slices"
	"testing"
)

func FuzzDecodeDedupBlock(f *testing.F) {
	f.Add(appendDedupBlock(nil, &dedupBlock{
		hour: 497222, upto: []uint64{1, 2, 1 << 40}, ids: []uint64{1, 1<<64 - 1},
		sites: []account{{site: "a", clock: -5, Ledger: Ledger{Received: 3, Stored: 1, Duplicates: 1, Rejected: 1, DeadLetters: 1}}},
	})[frameHead:])
	f.Add(appendDedupBlock(nil, &dedupBlock{})[frameHead:])
	f.Fuzz(func(t *testing.T, data []byte) {
		var b, again dedupBlock
		ids, ok := decodeDedupBlock(string(data), &b)
		if !ok {
			return
		}
		for i := 0; i < len(ids); i += 8 {
			b.ids = append(b.ids, uint64(littleEndian32(ids[i:]))|uint64(littleEndian32(ids[i+4:]))<<32)
		}
		payload, ok := frame(string(appendDedupBlock(nil, &b)))
		if !ok {
			t.Fatal("a frame of ours is not whole")
		}
		rest, ok := decodeDedupBlock(payload, &again)
		if !ok || rest != ids || again.hour != b.hour || !slices.Equal(again.upto, b.upto) || !slices.Equal(again.sites, b.sites) {
			t.Fatalf("got %+v, want %+v", again, b)
		}
	})
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte("\x01\x00\x00\x00\x00\x00\x00\x00x"))
	f.Add(appendLetterFrame(nil, 7, "text"))
	f.Fuzz(func(t *testing.T, data []byte) {
		payload, ok := frame(string(data))
		if !ok {
			return
		}
		again := append(make([]byte, frameHead), payload...)
		sealFrame(again, 0)
		if string(again) != string(data[:len(again)]) {
			t.Fatalf("got %x, want %x", again, data[:len(again)])
		}
		cutOffset(payload)
	})
}

func FuzzDecodeLedgerRecord(f *testing.F) {
	f.Add(appendLedgerRecord(nil, &account{site: "a", Ledger: Ledger{Received: 300, Duplicates: 2, Rejected: 1}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		var a, again account
		if decodeLedgerRecord(string(data), &a) != nil {
			return
		}
		if err := decodeLedgerRecord(string(appendLedgerRecord(nil, &a)), &again); err != nil || a != again {
			t.Fatalf("got %+v, %v, want %+v", again, err, a)
		}
	})
}

func FuzzDecodeLetter(f *testing.F) {
	f.Add(appendLetter(nil, &DeadLetter{
		Site: "a", Time: 5, EventID: "1", Code: BadID, Message: "id", Raw: "{\xff",
		letterSource: letterSource{secret: true, history: true, visitor: "v", userAgent: "u", ip: "1.2.3.0", head: `{"events":[`},
	}))
	f.Add(appendLetterMark(nil, 1<<40))
	f.Fuzz(func(t *testing.T, data []byte) {
		var l, again DeadLetter
		marked, isMark, err := decodeLetter(string(data), &l)
		if err != nil {
			return
		}
		record := appendLetter(nil, &l)
		if isMark {
			record = appendLetterMark(nil, marked)
		}
		marked2, isMark2, err := decodeLetter(string(record), &again)
		if err != nil || marked2 != marked || isMark2 != isMark || l != again {
			t.Fatalf("got %+v, %v, want %+v", again, err, l)
		}
	})
}
