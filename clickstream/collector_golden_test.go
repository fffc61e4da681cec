package clickstream

import (
	"encoding/hex"
	"testing"
)

// The bytes of what is kept on disk: a change here is a new version of the format.
func TestStoredBytesAreAsWritten(t *testing.T) {
	for _, c := range []struct {
		what string
		got  []byte
		want string
	}{
		{
			"ledger record", appendLedgerRecord(nil, &account{site: "a", Ledger: Ledger{Received: 300, Stored: 297, Duplicates: 2, Rejected: 1}}),
			"04010161ac020201",
		},
		{
			"letter", appendLetter(nil, &DeadLetter{
				Site: "a", Time: 1790000000000, EventID: "1", Code: BadID, Message: "id", Raw: "{}",
				letterSource: letterSource{secret: true, visitor: "v", userAgent: "u", ip: "1.2.3.0", head: "h"},
			}),
			"05010001016180b083c598680131066261645f69640269640176017507312e322e332e300168027b7d",
		},
		{"erase record", AppendErase(nil, &Erase{Site: "a", Visitor: 0x0102030405060708}), "060101610807060504030201"},
		{
			"record of what was erased", AppendErased(nil, &Erased{Erase: Erase{"a", 0x0102030405060708}, Partition: 3, Offset: 300, Events: 200, Generated: 2, Letters: 1}),
			"07010161080706050403020103ac02c8010201",
		},
		{"letter's mark", appendLetterMark(nil, 300), "050101ac02"},
		{"letter's frame", appendLetterFrame(nil, 300, "text"), "06000000c77f330bac0274657874"},
		{
			"dedup block", appendDedupBlock(nil, &dedupBlock{
				hour: 497222, upto: []uint64{1, 300}, ids: []uint64{0x0102030405060708},
				sites: []account{{site: "a", clock: 1790000000000, Ledger: Ledger{Received: 6, Stored: 3, Duplicates: 2, Rejected: 1, Generated: 7, DeadLetters: 1, Erased: 5}}},
			}),
			"21000000a902e4e302c6ac1e0201ac020101610603020107010580b083c59868010807060504030201",
		},
		{"dedup file's head", append([]byte(dedupMagic), seedMark(7)...), "424b494453000001b273b4b9fb0beb0b"},
	} {
		if got := hex.EncodeToString(c.got); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, c.want)
		}
	}
}
