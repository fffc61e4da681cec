package shop

import (
	"context"
	"errors"
	"io"
	"time"

	"beckon/clickstream"
)

// Config is what a Store works with.
type Config struct {
	Log      clickstream.Log // the control log: one partition, never trimmed
	Dir      string          // snapshots and the list of unlisted items; made if absent
	Secret   []byte          // 16 bytes or more; seals secret keys. Another secret than before fails Open
	Now      func() int64    // Unix ms
	MaxItems int             // items of one site's catalog; 0: 2,000,000

	// OnChange gets what changed, in log order, from the goroutine that applies the log, before the command returns. It must
	// return soon and must not call commands. It is not called for what Open folds. nil: nobody listens.
	OnChange func([]Change)
}

// Change is what one record did to one item.
type Change struct {
	Site, Item string
	Stock      bool   // level or left changed
	Price      bool   // price, currency, lowest_30d or a market's price changed
	Listed     bool   // it appeared, vanished, or was published or unpublished
	Offset     uint64 // of the control log
	Now        *Item  // nil after a delete
}

type Store struct{}

var errNotYet = errors.New("not yet")

func Open(ctx context.Context, cfg Config) (*Store, error) { return nil, errNotYet }
func (s *Store) Close() error                              { return nil }
func (s *Store) Err() error                                { return nil }
func (s *Store) Offset() uint64                            { return 0 }

func (s *Store) CreateSite(ctx context.Context, actor, id string, set Settings) (Site, error) {
	return Site{}, errNotYet
}
func (s *Store) UpdateSite(ctx context.Context, actor, id string, set Settings) (Site, error) {
	return Site{}, errNotYet
}
func (s *Store) RetireSite(ctx context.Context, actor, id string) error { return errNotYet }
func (s *Store) Site(id string) (Site, bool)                            { return Site{}, false }
func (s *Store) Sites() []Site                                          { return nil }
func (s *Store) DefaultConsent(site string) clickstream.Consent         { return 0 }

func (s *Store) CreateKey(ctx context.Context, actor, site string, spec KeySpec) (NewKey, error) {
	return NewKey{}, errNotYet
}
func (s *Store) RotateKey(ctx context.Context, actor, site, id string, grace time.Duration) (NewKey, error) {
	return NewKey{}, errNotYet
}
func (s *Store) RevokeKey(ctx context.Context, actor, site, id string) error { return errNotYet }
func (s *Store) Keys(site string) []Key                                      { return nil }
func (s *Store) Key(text string) (Key, bool)                                 { return Key{}, false }
func (s *Store) KeyText(site, id string) (string, bool)                      { return "", false }
func (s *Store) ProveUser(site, user, hash string) bool                      { return false }

func (s *Store) AddUser(ctx context.Context, actor, name, password string, role Role) error {
	return errNotYet
}
func (s *Store) ChangePassword(ctx context.Context, actor, name, password string) error {
	return errNotYet
}
func (s *Store) ChangeRole(ctx context.Context, actor, name string, role Role) error {
	return errNotYet
}
func (s *Store) RemoveUser(ctx context.Context, actor, name string) error { return errNotYet }
func (s *Store) Users() []User                                            { return nil }
func (s *Store) User(name string) (User, bool)                            { return User{}, false }
func (s *Store) CheckPassword(ctx context.Context, name, password string) (User, bool, error) {
	return User{}, false, errNotYet
}

func (s *Store) PutItems(ctx context.Context, actor, site string, r io.Reader, format string) (Answer, error) {
	return Answer{}, errNotYet
}
func (s *Store) DeleteItem(ctx context.Context, actor, site, id string) error { return errNotYet }
func (s *Store) PostStock(ctx context.Context, actor, site string, r io.Reader) (Answer, error) {
	return Answer{}, errNotYet
}

// ItemQuery chooses items of a catalog. Text matches words of title, brand and id.
type ItemQuery struct {
	After    string
	Limit    int
	Category string
	Text     string
}

func (s *Store) Item(site, id string) (*Item, bool)              { return nil, false }
func (s *Store) Items(site, after string, limit int) []*Item     { return nil }
func (s *Store) FindItems(site string, q ItemQuery) []*Item      { return nil }
func (s *Store) CountItems(site string) int                      { return 0 }
func (s *Store) Available(site, item string) bool                { return false }
func (s *Store) NoteSeen(site, item, url, title string, t int64) {}

// SeenItem is an item of events that the catalog does not have.
type SeenItem struct {
	ID    string `json:"item_id"`
	URL   string `json:"url,omitempty"`
	Title string `json:"title,omitempty"`
	First int64  `json:"first"`
	Last  int64  `json:"last"`
	Times int64  `json:"times"`
	Known bool   `json:"known"` // false
}

func (s *Store) SeenItems(site string, limit int) []SeenItem { return nil }
