package shop

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	json "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// recordAt reads one record of the log: about a quarter of a megabyte from the log's cache or the disk. ok is false when it was erased.
func (s *Store) recordAt(offset uint64) (c control, ok bool, err error) {
	r, err := s.cfg.Log.Read(0, offset)
	if err != nil {
		return control{}, false, fmt.Errorf("read control record %d: %w", offset, err)
	}
	b, ok, err := r.Next(1)
	if err = errors.Join(err, r.Close()); err != nil || !ok || b.At(0) == "" {
		return control{}, false, err
	}
	var last words
	if err := c.parse([]byte(b.At(0)), &last); err != nil {
		return control{}, false, fmt.Errorf("decode control record %d: %w", offset, err)
	}
	return c, true, nil
}

// fields is what a record says, by name. Secrets never get into it: what may is named one by one, but for other folds' bodies.
type fields map[string]jsontext.Value

// saying is a record as a change.
type saying struct {
	fields fields
	whole  bool // nothing that was said before it still holds
	gone   bool // nothing is left of what it is about
}

// said is what c says about its subject.
func said(c *control) saying {
	f := fields{}
	switch c.Do {
	case doSitePut:
		f.all(c.Settings)
		return saying{fields: f, whole: true}
	case doSiteRetire:
		f.put("retired", true)
	case doKeyPut:
		if c.Key != nil {
			f.put("kind", c.Key.Kind)
			f.some("origins", c.Key.Origins, len(c.Key.Origins) > 0)
			f.some("note", c.Key.Note, c.Key.Note != "")
			f.some("replaces", c.Replaces, c.Replaces != "")
			f.some("grace_ms", c.Grace, c.Replaces != "")
		}
		return saying{fields: f, whole: true}
	case doKeyRevoke:
		f.put("revoked", true)
	case doUserPut:
		f.some("role", c.Role, c.Role != "")
		if c.Sites != nil {
			f.put("sites", *c.Sites)
		}
		f.some("password", "changed", c.Hash != "" && !c.New)
		return saying{fields: f, whole: c.New}
	case doUserTOTP:
		f.put("second_step", c.TOTP != nil)
	case doUserRemove, doItemDelete:
		return saying{gone: true}
	case doItemPut:
		f.all(c.Item)
		delete(f, "item_id")
		if c.StockMode != stockGiven {
			delete(f, "stock")
		}
		return saying{fields: f, whole: true}
	case doStock:
		f.some("note", c.Note, c.Note != "")
		f.some("ref", c.Ref, c.Ref != "")
		return saying{fields: f, whole: true}
	case doSessionBegin, doSessionEnd:
		if c.Session != nil {
			f.some("browser", c.Session.Agent, c.Session.Agent != "")
		}
		return saying{fields: f, whole: true}
	case doLoginFailed:
		if c.Failed != nil {
			f.put("why", c.Failed.Why)
			f.put("attempts", c.Failed.Count)
		}
		return saying{fields: f, whole: true}
	default:
		return saidOfOthers(c)
	}
	return saying{fields: f}
}

// saidOfOthers is what another fold's record says: its body, whole for what is put, a part of it for the rest.
func saidOfOthers(c *control) saying {
	f := fields{}
	json.Unmarshal(c.Body, &f) // a body that is no object says nothing
	_, verb, _ := strings.Cut(c.Do, ".")
	switch {
	case c.Do == "price.settings":
		inner := fields{}
		json.Unmarshal(f["settings"], &inner)
		return saying{fields: inner, whole: true}
	case c.Do == "price.freeze":
		delete(f, "scope")
		delete(f, "key")
		return saying{fields: f, whole: true}
	case c.Do == "price.markdown.end" && f["item"] == nil, verb == "remove", verb == "delete",
		verb == "state" && string(f["state"]) == `"removed"`:
		return saying{gone: true}
	case c.Do == "price.markdown.end":
		return saying{fields: fields{"ended_for": f["item"]}}
	case verb == "state":
		return saying{fields: f}
	case kindOf(c.Do) == kindPrice:
		delete(f, "item")
		delete(f, "amount")
		delete(f, "version")
	case kindOf(c.Do) == kindCampaign:
		delete(f, "new")
		return saying{fields: f, whole: f["state"] != nil}
	}
	return saying{fields: f, whole: true}
}

func (f fields) put(name string, v any) {
	if text, err := json.Marshal(v, json.Deterministic(true)); err == nil {
		f[name] = text
	}
}

func (f fields) some(name string, v any, given bool) {
	if given {
		f.put(name, v)
	}
}

// all puts each of an object's members.
func (f fields) all(v any) {
	if text, err := json.Marshal(v, json.Deterministic(true)); err == nil && string(text) != "null" {
		json.Unmarshal(text, &f)
	}
}

func (f fields) json() []byte {
	if f == nil {
		return nil
	}
	text, err := json.Marshal(f, json.Deterministic(true))
	if err != nil {
		return nil
	}
	return text
}

// chainSteps is how far back a thing's own history is read for what still holds of it.
const chainSteps = 32

// stands is what holds of a thing after the record at an offset: what the record says over what those before it said. nil: nothing
// is left of it, or nothing is known. The log is read once for each record.
func (s *Store) stands(offset uint64) (fields, error) {
	var acc fields
	var first subject
	for step := range chainSteps {
		c, ok, err := s.recordAt(offset)
		if err != nil || !ok {
			return acc, err
		}
		about, ok := s.fold.about(&c)
		e, known := s.fold.changes.remembered(offset)
		if known {
			about.id = e.id
		}
		if step == 0 {
			first = about
		}
		if !ok || about != first {
			return acc, nil // two things have one chain's name
		}
		is := said(&c)
		if is.gone {
			return acc, nil
		}
		if step > 0 {
			delete(is.fields, "password")
		}
		if known && about.kind == kindPrice {
			is.fields = fields{}
			is.fields.put("price", e.now)
		}
		if acc == nil {
			acc = fields{}
		}
		for name, v := range is.fields {
			if _, newer := acc[name]; !newer {
				acc[name] = v
			}
		}
		if is.whole || !known || e.prev == 0 {
			return acc, nil
		}
		offset = e.prev - 1
	}
	return acc, nil
}

// complete adds to each entry what it changed, from the log, and whether it can be taken back.
func (s *Store) complete(list []AuditEntry, brief bool) error {
	for i := range list {
		e := &list[i]
		if !brief && e.Count == 1 {
			if err := s.describe(e); err != nil {
				return err
			}
		}
		if e.NoUndo == "" {
			e.NoUndo = s.noUndo(e)
		}
		e.Undo = e.NoUndo == ""
	}
	return nil
}

// describe fills Before and After.
func (s *Store) describe(e *AuditEntry) error {
	c, ok, err := s.recordAt(e.Offset)
	if err != nil || !ok {
		return err
	}
	is := said(&c)
	remembered, known := s.fold.changes.remembered(e.Offset)
	switch {
	case e.Refused != "", e.Kind == kindLogin:
		if is.fields == nil {
			is.fields = fields{}
		}
		e.After = is.fields.json()
		return nil
	case e.Kind == kindStock && known:
		e.Before, e.After = withStock(remembered.was, nil), withStock(remembered.now, is.fields)
		return nil
	case e.Kind == kindPrice && known && remembered.now != Unset:
		before := fields{}
		before.put("price", remembered.was)
		after := maps.Clone(is.fields)
		delete(after, "suggestion")
		after.put("price", remembered.now)
		e.Before, e.After = before.json(), after.json()
		return nil
	}
	after, err := s.stands(e.Offset)
	if err != nil {
		return err
	}
	if is.gone {
		after = nil
	}
	e.After = after.json()
	if !e.HasPrev {
		return nil
	}
	before, err := s.stands(e.Prev)
	delete(before, "password")
	if e.Kind == kindItem && is.fields["stock"] == nil { // the stock stayed what it was
		delete(before, "stock")
	}
	e.Before = before.json()
	return err
}

// withStock says how many pieces there are, in words for an item whose stock is not counted.
func withStock(stock int64, more fields) []byte {
	f := maps.Clone(more)
	if f == nil {
		f = fields{}
	}
	f.put("stock", stock)
	if stock == Unset {
		f.put("stock", nil)
	}
	return f.json()
}
