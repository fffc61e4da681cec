package shop

import (
	"slices"

	"beckon/clickstream"
)

// view is what readers see of sites, keys and users. It is replaced, never changed; only the catalogs and lists it points to live on.
type view struct {
	sites map[string]*siteView
	keys  map[string]*Key // by text: not revoked, of sites that are not retired
	users map[string]*userState
}

type siteView struct {
	site    Site // defaults filled in
	consent clickstream.Consent
	keys    []Key      // in order of making
	secrets []keyState // secret keys that are not revoked
	catalog *catalog
	holds   *holds
	seen    *seenList
}

// publish shows readers the fold's sites, keys and users.
func (s *Store) publish() {
	s.view.Store(s.fold.view())
	s.fold.stale = false
}

// publishLogins shows readers the fold's sessions, after the users whose they are.
func (s *Store) publishLogins() { s.logins.Store(s.fold.logins.view()) }

func (f *fold) view() *view {
	v := &view{sites: make(map[string]*siteView, len(f.sites)), keys: map[string]*Key{}, users: make(map[string]*userState, len(f.users))}
	for name, u := range f.users {
		v.users[name] = u // userPut makes a new value each time
	}
	for id, s := range f.sites {
		sv := &siteView{site: s.site, catalog: s.catalog, holds: s.holds, seen: s.seen}
		sv.site.Settings = s.site.Settings.withDefaults()
		sv.consent = sv.site.Consent.Bits()
		for i := range s.keys {
			k := &s.keys[i]
			shown := k.key(&sv.site)
			sv.keys = append(sv.keys, shown)
			if k.Revoked != 0 || s.site.Retired != 0 {
				continue
			}
			if k.Kind == SecretKey {
				sv.secrets = append(sv.secrets, *k)
			}
			v.keys[k.plain] = &shown
		}
		v.sites[id] = sv
	}
	return v
}

// key is k as readers see it.
func (k *keyState) key(site *Site) Key {
	out := Key{
		ID: k.ID, Site: site.ID, Kind: k.Kind, Origins: k.Origins, Note: k.Note, Text: k.Text,
		Created: k.Created, Expires: k.Expires, Revoked: k.Revoked,
	}
	if k.Kind == PublicKey && len(out.Origins) == 0 {
		out.Origins = site.Origins
	}
	out.Origins = slices.Clip(out.Origins)
	return out
}

func (s *Store) site(id string) *siteView { return s.view.Load().sites[id] }

// liveSite is the site if it takes commands.
func (s *Store) liveSite(id string) (*siteView, error) {
	sv := s.site(id)
	switch {
	case sv == nil:
		return nil, refuse("unknown_site", "site: there is no %q", id)
	case sv.site.Retired != 0:
		return nil, refuse("site_retired", "site: %q is retired", id)
	}
	return sv, nil
}
