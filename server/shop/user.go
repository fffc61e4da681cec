package shop

import "slices"

// Role is what a dashboard user may do.
type Role string

// The roles, each with all that the one before may do: look; steer; manage users, keys and sites.
const (
	Viewer       Role = "viewer"
	Merchandiser Role = "merchandiser"
	Admin        Role = "admin"
)

// May says whether r includes what need allows.
func (r Role) May(need Role) bool { return r.rank() >= need.rank() && need.rank() > 0 }

func (r Role) rank() int {
	switch r {
	case Viewer:
		return 1
	case Merchandiser:
		return 2
	case Admin:
		return 3
	}
	return 0
}

// User is a dashboard user as it is listed.
type User struct {
	Name    string `json:"name"`
	Role    Role   `json:"role"`
	Created int64  `json:"created"` // Unix ms
	Changed int64  `json:"changed"` // Unix ms of the last change of role or password: sessions begun before are void

	Sites []string `json:"sites,omitempty"` // those the user may see, sorted; none: all, as admins always do
	TOTP  bool     `json:"totp,omitzero"`   // logging in takes a one-time code too
}

// Sees says whether the user may see a site.
func (u User) Sees(site string) bool { return len(u.Sites) == 0 || slices.Contains(u.Sites, site) }
