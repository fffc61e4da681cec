package people

// LoginView is the login: user and password, or with a Ticket the one-time code.
type LoginView struct {
	CSRF   string
	User   string
	Next   string // where to go on to
	Ticket string // proof that the password was right; the code is asked for
	Error  string
}

// NoticeView is what cannot be done, and what to do instead.
type NoticeView struct {
	Title, Text       string
	Detail            string // more exactly, in the words of who refused
	Action, ActionURL string
}
