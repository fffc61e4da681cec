package shop

// userState is a dashboard user as records and snapshots carry it.
type userState struct {
	User
	Hash   string     `json:"hash"` // PHC string of argon2id
	Second *totpState `json:"second,omitzero"`
}

// userPut adds a user, or changes role, password or sites of one, whichever the record has. Another role or password ends its sessions but
// the one to keep.
func (f *fold) userPut(c *control) outcome {
	u := f.users[c.ID]
	switch {
	case c.ID == "" || c.Role != "" && c.Role.rank() == 0 || c.New && (c.Role == "" || c.Hash == ""):
		return outcome{refused: refuse("bad_user", "user: %q needs a name, a role and a password", c.ID)}
	case c.New && u != nil:
		return outcome{refused: refuse("user_exists", "user: %q exists", c.ID)}
	case !c.New && u == nil:
		return outcome{refused: refuse("unknown_user", "user: there is no %q", c.ID)}
	case u == nil:
		u = &userState{User: User{Name: c.ID, Created: f.now}}
	case c.Role != "" && c.Role != Admin && f.lastAdmin(u):
		return outcome{refused: refuse("last_admin", "role: %q is the last admin", c.ID)}
	}
	next := *u
	if c.Role != "" {
		next.Role = c.Role
	}
	if c.Hash != "" {
		next.Hash = c.Hash
	}
	if c.Sites != nil {
		next.Sites = *c.Sites
	}
	if next.Role == Admin {
		next.Sites = nil // who makes users could give itself any site
	}
	if next.Role != u.Role || c.Hash != "" {
		next.Changed = max(f.now, u.Changed+1) // two changes within a millisecond are two
		f.logins.end(c.ID, func(s *Session) bool { return c.Session == nil || s.Key != c.Session.Keep })
	}
	f.users[c.ID] = &next
	f.stale = true
	return outcome{}
}

func (f *fold) userRemove(c *control) outcome {
	u := f.users[c.ID]
	if u == nil {
		return outcome{refused: refuse("unknown_user", "user: there is no %q", c.ID)}
	}
	if f.lastAdmin(u) {
		return outcome{refused: refuse("last_admin", "user: %q is the last admin", c.ID)}
	}
	delete(f.users, c.ID)
	f.logins.endAll(c.ID)
	f.stale = true
	return outcome{}
}

func (f *fold) lastAdmin(u *userState) bool {
	if u.Role != Admin {
		return false
	}
	for _, other := range f.users {
		if other.Role == Admin && other.Name != u.Name {
			return false
		}
	}
	return true
}
