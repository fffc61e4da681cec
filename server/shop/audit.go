package shop

import "context"

// AuditQuery chooses changes.
type AuditQuery struct {
	Before  uint64 // only changes at lower offsets than this; 0: from the newest
	From    int64  // Unix ms, 0: from the beginning
	Until   int64  // Unix ms, exclusive, 0: to now
	Actor   string // "user anna"
	Kind    string // "rule"
	ID      string // of that kind
	Logins  Logins
	Limit   int  // at most this many, 1 to MaxAuditPage
	Private bool // those of the installation too: users, logins, freezes of all sites
	Brief   bool // without Before and After, which are read from the log
}

// Logins says whether people's logins are wanted, changes, or both.
type Logins uint8

const (
	LoginsToo Logins = iota
	LoginsNot
	LoginsOnly
)

// MaxAuditPage is the most that one Changes gives.
const MaxAuditPage = 1000

// AuditEntry is one change, or an attempt at one.
type AuditEntry struct {
	Offset   uint64 // of the control log
	Last     uint64 // of a run of imported lines: the last one's offset; else Offset
	Count    int64  // how many lines of an import it stands for; else 1
	Time     int64  // Unix ms
	Actor    string // "user anna", "key key_4fz…", "cli"
	Do       string // "rule.put"
	Site     string // "" for the installation
	Kind     string // "rule"
	ID       string // "" for a run of imported lines
	Before   []byte // JSON object of the fields, nil if there was nothing before or it is not known
	After    []byte // JSON object, nil if there is nothing after
	Prev     uint64 // offset of the change of the same (kind, id) before it; meaningful with HasPrev
	HasPrev  bool
	Undo     bool   // it can be undone, as far as is known without trying
	Undoes   uint64 // offset of the change that it took back, 0 if none: the first record is never undone
	UndoneBy uint64 // offset of the newest change that took it back, 0 if none
	Refused  string // why it was not carried out, "" if it was
	Unknown  bool   // it is older than what is remembered: whether it was carried out was not looked up
}

// Changes lists what people, keys and operators changed in a site, the newest first. more says that there are older ones.
func (s *Store) Changes(site string, q AuditQuery) (list []AuditEntry, more bool, err error) {
	return nil, false, nil
}

// ChangeAt is the change at an offset.
func (s *Store) ChangeAt(offset uint64) (AuditEntry, bool, error) { return AuditEntry{}, false, nil }

// Undo appends a record that takes back the change at offset, one of the shop's own: of sites, keys, users, items and stock. A
// *Refusal says why it cannot be taken back, code changed_since when something changed it since.
func (s *Store) Undo(ctx context.Context, actor string, offset uint64) (newOffset uint64, err error) {
	return 0, refuse("no_undo", "undo: %d", offset)
}
