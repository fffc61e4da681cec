// Package people is the pages about who may do what: login, users, sites with their keys, one's own account, and what is shown when
// something cannot be done.
//
// A page is Page(p, View): the view is plain values that the server filled in, so nothing here knows sessions, keys or the log. Texts are
// web/text's of the areas login and people. Every change is a form that is posted to the server, which answers with the same page and
// the message at its field, or goes on.
//
// Everything is a pure function of its arguments and may be called from any goroutine. The package never reads a request and makes no
// links but to paths under /admin. It imports dashboards/ui and web/text.
package people
