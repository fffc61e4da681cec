// Package steer is the pages of merchandising rules: the list with what each rule does and what stands in its way, and the form that
// shows what a rule would change while it is being filled in.
//
//	Page    the list, and the report of conflicts
//	Edit    one rule: its form
//	Body    the form's fields with the preview beside them: what comes back while somebody fills them in
//	Compare the preview alone
//
// The form works without script: its buttons send it, and it comes back with what was found. With script it is posted 300 ms after a
// change, and Body replaces its fields, so that products can be searched and chosen and their effect seen.
//
// Everything is values in and HTML out: the package knows no rule engine and no catalog; the server fills the views. It imports
// dashboards/ui and web/text.
package steer

//go:generate go run github.com/a-h/templ/cmd/templ generate -path .
