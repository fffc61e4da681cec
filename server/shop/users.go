package shop

import (
	"cmp"
	"context"
	"slices"
)

// Bounds of a password, in bytes.
const (
	minPassword = 8
	maxPassword = 256
)

// AddUser makes a dashboard user who may see those sites, all if none is named. Names are 1-64 of a-z 0-9 _ . @ + -.
func (s *Store) AddUser(ctx context.Context, actor, name, password string, role Role, sites ...string) error {
	if !validUserName(name) {
		return refuse("bad_user", "user: %q is not 1-64 of a-z 0-9 _ . @ + -", name)
	}
	if role.rank() == 0 {
		return refuse("bad_role", "role: %q is none of viewer, merchandiser, admin", role)
	}
	sites, err := s.checkSites(sites)
	if err != nil {
		return err
	}
	return s.putUser(ctx, actor, control{ID: name, Role: role, New: true, Sites: &sites}, password)
}

// ChangePassword gives a user another password, and ends its sessions.
func (s *Store) ChangePassword(ctx context.Context, actor, name, password string) error {
	return s.putUser(ctx, actor, control{ID: name}, password)
}

// ChangeOwnPassword is ChangePassword by the user, whose session of key keep goes on.
func (s *Store) ChangeOwnPassword(ctx context.Context, actor, name, password, keep string) error {
	return s.putUser(ctx, actor, control{ID: name, Session: &sessionJSON{Keep: keep}}, password)
}

func (s *Store) putUser(ctx context.Context, actor string, rec control, password string) error {
	if len(password) < minPassword || len(password) > maxPassword {
		return refuse("bad_password", "password: %d bytes, want %d to %d", len(password), minPassword, maxPassword)
	}
	hash, err := s.newHash(ctx, password)
	if err != nil {
		return err
	}
	rec.Do, rec.Hash = doUserPut, hash
	_, err = s.do(ctx, actor, rec)
	return err
}

// ChangeRole gives a user another role. The last admin stays one.
func (s *Store) ChangeRole(ctx context.Context, actor, name string, role Role) error {
	if role.rank() == 0 {
		return refuse("bad_role", "role: %q is none of viewer, merchandiser, admin", role)
	}
	_, err := s.do(ctx, actor, control{Do: doUserPut, ID: name, Role: role})
	return err
}

// ChangeAccess gives a user another role and other sites at once.
func (s *Store) ChangeAccess(ctx context.Context, actor, name string, role Role, sites []string) error {
	if role.rank() == 0 {
		return refuse("bad_role", "role: %q is none of viewer, merchandiser, admin", role)
	}
	sites, err := s.checkSites(sites)
	if err != nil {
		return err
	}
	_, err = s.do(ctx, actor, control{Do: doUserPut, ID: name, Role: role, Sites: &sites})
	return err
}

// ChangeSites says which sites a user may see; none: all. The last admin sees all.
func (s *Store) ChangeSites(ctx context.Context, actor, name string, sites []string) error {
	sites, err := s.checkSites(sites)
	if err != nil {
		return err
	}
	_, err = s.do(ctx, actor, control{Do: doUserPut, ID: name, Sites: &sites})
	return err
}

// checkSites sorts sites, each of which must be there.
func (s *Store) checkSites(sites []string) ([]string, error) {
	sites = slices.Compact(slices.Sorted(slices.Values(sites)))
	for _, id := range sites {
		if s.site(id) == nil {
			return nil, refuse("unknown_site", "sites: there is no %q", id)
		}
	}
	return sites, nil
}

// RemoveUser removes a user who is not the last admin.
func (s *Store) RemoveUser(ctx context.Context, actor, name string) error {
	_, err := s.do(ctx, actor, control{Do: doUserRemove, ID: name})
	return err
}

// Users lists all users by name.
func (s *Store) Users() []User {
	v := s.view.Load()
	users := make([]User, 0, len(v.users))
	for _, u := range v.users {
		users = append(users, u.User)
	}
	slices.SortFunc(users, func(a, b User) int { return cmp.Compare(a.Name, b.Name) })
	return users
}

// User is the user of that name.
func (s *Store) User(name string) (User, bool) {
	if u := s.view.Load().users[name]; u != nil {
		return u.User, true
	}
	return User{}, false
}

// CheckPassword says whether password is the user's. An unknown name takes as long as a wrong password. It waits for one of a
// few slots; the error is ctx's.
func (s *Store) CheckPassword(ctx context.Context, name, password string) (User, bool, error) {
	u := s.view.Load().users[name]
	phc := ""
	if u != nil {
		phc = u.Hash
	}
	if len(password) > maxPassword {
		password = ""
	}
	ok, err := s.matches(ctx, password, phc)
	if err != nil || !ok {
		return User{}, false, err
	}
	return u.User, true, nil
}

func validUserName(name string) bool {
	if len(name) == 0 || len(name) > 64 {
		return false
	}
	for i := range len(name) {
		switch b := name[i]; {
		case b >= 'a' && b <= 'z', b >= '0' && b <= '9', b == '_', b == '.', b == '@', b == '+', b == '-':
		default:
			return false
		}
	}
	return true
}
