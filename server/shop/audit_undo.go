package shop

import (
	"context"

	json "github.com/go-json-experiment/json"
)

// Why a change cannot be taken back, in AuditEntry.NoUndo.
const (
	NoUndoRefused    = "refused"      // it was not carried out
	NoUndoUndone     = "undone"       // it was taken back already
	NoUndoSuperseded = "superseded"   // something changed the same since
	NoUndoImport     = "import"       // it is many lines: the feed is sent again instead
	NoUndoLogin      = "login"        // nothing was changed
	NoUndoRevoked    = "revoked_key"  // a revoked key may be known to others
	NoUndoRotated    = "rotated_key"  // as the key that was rotated out
	NoUndoPassword   = "password"     // the password before is not kept where it could be used
	NoUndoSecondStep = "second_step"  // as the secret of the app
	NoUndoRemoved    = "removed_user" // the password went with the user
	NoUndoEnded      = "ended"        // an ended campaign stays ended
	NoUndoReduced    = "reduced"      // a markdown that ran would go on from its own reduced price
	NoUndoBreaker    = "breaker"      // it opens again by itself when prices move too far
	NoUndoRestored   = "restored"     // list prices were published: each has a change of its own
	NoUndoOffer      = "offer"        // an offer that was taken back may have been seen as ended
	NoUndoOther      = "other"        // nobody knows how
	NoUndoOld        = "old"          // it is not remembered whether it is still in force
)

// noUndo says why e cannot be taken back, "" if it can as far as can be known.
func (s *Store) noUndo(e *AuditEntry) string {
	switch {
	case e.Kind == kindLogin:
		return NoUndoLogin
	case e.Refused != "":
		return NoUndoRefused
	case e.Unknown:
		return NoUndoOld
	case e.UndoneBy != 0:
		return NoUndoUndone
	case e.Count > 1:
		return NoUndoImport
	}
	switch e.Do {
	case doKeyRevoke:
		return NoUndoRevoked
	case doUserRemove:
		return NoUndoRemoved
	case doUserTOTP:
		return NoUndoSecondStep
	case "price.breaker":
		return NoUndoBreaker
	case "price.competitor":
		return NoUndoImport
	case "offer.cancel":
		return NoUndoOffer
	}
	if e.After != nil || e.Before != nil { // it was read from the log
		if why := s.noUndoOf(e); why != "" {
			return why
		}
	}
	if s.isSuperseded(e) {
		return NoUndoSuperseded
	}
	return ""
}

// noUndoOf looks at what the record says.
func (s *Store) noUndoOf(e *AuditEntry) string {
	f := fields{}
	f.all(rawJSON(e.After))
	switch {
	case e.Do == doKeyPut && f["replaces"] != nil:
		return NoUndoRotated
	case e.Do == doUserPut && f["password"] != nil:
		return NoUndoPassword
	case e.Do == "offer.state" && string(f["state"]) == `"ended"`:
		return NoUndoEnded
	case e.Do == "price.markdown.end" && f["ended_for"] != nil:
		return NoUndoOther
	case e.Do == "price.markdown.end" && begunBy(e.Before, e.Time):
		return NoUndoReduced
	case e.Do == "price.freeze" && string(f["restore"]) == "true":
		return NoUndoRestored
	}
	return ""
}

// begunBy says whether the markdown that before announces had begun at a time: at once, if it says nothing.
func begunBy(before []byte, at int64) bool {
	var announced struct {
		From int64 `json:"from"`
	}
	err := json.Unmarshal(before, &announced)
	return err != nil || announced.From <= at
}

// rawJSON is JSON that is JSON already.
type rawJSON []byte

// MarshalJSON is r.
func (r rawJSON) MarshalJSON() ([]byte, error) {
	if r == nil {
		return []byte("null"), nil
	}
	return r, nil
}

// isSuperseded says that something changed what e changed since, as readers see it now.
func (s *Store) isSuperseded(e *AuditEntry) bool {
	x := s.fold.changes
	switch e.Kind {
	case kindItem, kindStock, kindPrice:
		it, ok := s.Item(e.Site, e.ID)
		switch {
		case !ok:
			x.mu.RLock()
			defer x.mu.RUnlock()
			about := subject{kind: e.Kind, id: e.ID}
			return e.Do != doItemDelete || x.heads[about.chain(e.Site)] != e.Offset
		case e.Kind == kindItem:
			return it.written != e.Offset
		case e.Kind == kindPrice:
			if it.Version == e.Offset {
				return false
			}
			for _, o := range it.Elsewhere {
				if o.Version == e.Offset {
					return false
				}
			}
			return true
		}
		known, ok := x.remembered(e.Offset)
		return !ok || known.now != it.Stock
	}
	known, ok := x.remembered(e.Offset)
	x.mu.RLock()
	defer x.mu.RUnlock()
	return !ok || x.heads[known.chain] != e.Offset
}

// Undo appends a record that takes back the change at offset, one of the shop's own: of sites, keys, users, items and stock. A *Refusal
// says why it cannot be taken back; its code is no_undo, or changed_since when something changed it since.
func (s *Store) Undo(ctx context.Context, actor string, offset uint64) (newOffset uint64, err error) {
	e, ok, err := s.ChangeAt(offset)
	switch {
	case err != nil:
		return 0, err
	case !ok:
		return 0, refuse("unknown_change", "undo: there is no change at %d", offset)
	case e.NoUndo == NoUndoSuperseded:
		return 0, refuse("changed_since", "undo: it was changed again since")
	case e.NoUndo != "":
		return 0, refuse("no_undo", "undo: this cannot be taken back (%s)", e.NoUndo)
	}
	rec, err := s.reverse(&e)
	if err != nil {
		return 0, err
	}
	rec.Undoes = offset
	_, newOffset, err = s.place(ctx, actor, rec)
	return newOffset, err
}

// reverse is the record that takes e back.
func (s *Store) reverse(e *AuditEntry) (control, error) {
	none := control{}
	var before *control
	if e.HasPrev {
		c, ok, err := s.recordAt(e.Prev)
		if err != nil {
			return none, err
		}
		if ok {
			before = &c
		}
	}
	switch e.Do {
	case doSitePut:
		if before == nil || before.Do == doSiteRetire {
			return control{Do: doSiteRetire, Site: e.Site}, nil
		}
		return control{Do: doSitePut, Site: e.Site, Settings: before.Settings}, nil
	case doSiteRetire:
		site, ok := s.Site(e.Site)
		if !ok {
			break
		}
		settings := site.Settings
		if before != nil && before.Settings != nil {
			settings = *before.Settings // as it was given, without the defaults
		}
		return control{Do: doSitePut, Site: e.Site, Settings: &settings}, nil
	case doKeyPut:
		return control{Do: doKeyRevoke, Site: e.Site, ID: e.ID}, nil
	case doUserPut:
		return s.reverseUser(e)
	case doItemPut:
		if before == nil {
			return control{Do: doItemDelete, Site: e.Site, ID: e.ID}, nil
		}
		if before.Item == nil {
			break
		}
		return control{Do: doItemPut, Site: e.Site, Item: before.Item, StockMode: stockKeep}, nil
	case doItemDelete:
		if before == nil || before.Item == nil {
			break
		}
		item := *before.Item
		if known, ok := s.fold.changes.remembered(e.Offset); ok {
			item.Stock = given(known.was)
		}
		return control{Do: doItemPut, Site: e.Site, Item: &item, Max: s.cfg.MaxItems}, nil
	case doStock:
		known, ok := s.fold.changes.remembered(e.Offset)
		if !ok {
			break
		}
		if known.was == Unset {
			return control{Do: doStock, Site: e.Site, ID: e.ID, Untrack: true}, nil
		}
		return control{Do: doStock, Site: e.Site, ID: e.ID, Set: &known.was}, nil
	}
	return none, refuse("no_undo", "undo: what was before is not known")
}

// reverseUser gives a user the role and the sites of before, or removes one that was added.
func (s *Store) reverseUser(e *AuditEntry) (control, error) {
	c, ok, err := s.recordAt(e.Offset)
	if err != nil || !ok {
		return control{}, err
	}
	if c.New {
		return control{Do: doUserRemove, ID: e.ID}, nil
	}
	if !e.HasPrev {
		return control{}, refuse("no_undo", "undo: what was before is not known")
	}
	before, err := s.userBefore(e.Prev)
	if err != nil {
		return control{}, err
	}
	out := control{Do: doUserPut, ID: e.ID}
	if c.Role != "" {
		if before.Role == "" {
			return control{}, refuse("no_undo", "undo: the role before is not known")
		}
		out.Role = before.Role
	}
	if c.Sites != nil {
		sites := []string{}
		if before.Sites != nil {
			sites = *before.Sites
		}
		out.Sites = &sites
	}
	return out, nil
}

// userBefore is role and sites after the record at offset.
func (s *Store) userBefore(offset uint64) (out control, err error) {
	for range chainSteps {
		c, ok, err := s.recordAt(offset)
		if err != nil || !ok || c.Do == doUserRemove {
			return out, err
		}
		if out.Role == "" {
			out.Role = c.Role
		}
		if out.Sites == nil {
			out.Sites = c.Sites
		}
		e, known := s.fold.changes.remembered(offset)
		if c.New && c.Do == doUserPut || !known || e.prev == 0 || out.Role != "" && out.Sites != nil {
			break
		}
		offset = e.prev - 1
	}
	return out, nil
}
