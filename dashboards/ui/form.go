package ui

import (
	"context"
	"io"
)

// Form posts its fields, with the token that proves they come from this page.
type Form struct {
	Action, ID string
	Page       Page
	Danger     bool // what it does is hard to take back
	Inline     bool // a button in a row, not a form of its own
	// Preview is asked with the form's fields 300 ms after a change; its answer becomes the content of the element called PreviewInto.
	// With PreviewPost it is posted to, because the fields may be more than an address can hold.
	Preview, PreviewInto string
	PreviewPost          bool
}

// Field is one input with its label. Money is entered in whole units with decimals: 12.50.
type Field struct {
	Name, Label, Help, Value     string
	Kind                         string // text number money percent date datetime password search email; "" text
	Unit, Error                  string
	Min, Max, Step, Placeholder  string
	Required, Disabled, Multiple bool     // Multiple: of a Select, more than one may be chosen
	Autocomplete                 string   // as HTML names it: current-password, one-time-code, …
	Options                      []Choice // suggestions of an input, or what a Select offers
}

// Button sends its form.
type Button struct {
	Label, Name, Value string
	Kind               string // primary quiet danger; "" is a plain one
	Confirm            string // a question asked in a dialog before the form is sent
}

func (f Form) Render(ctx context.Context, w io.Writer) error   { return form(f).Render(ctx, w) }
func (f Field) Render(ctx context.Context, w io.Writer) error  { return field(f).Render(ctx, w) }
func (b Button) Render(ctx context.Context, w io.Writer) error { return button(b).Render(ctx, w) }

func (f Field) id() string { return "f-" + f.Name }

// described names the elements that explain the field to those who hear it.
func (f Field) described() string {
	switch {
	case f.Error != "" && f.Help != "":
		return f.id() + "-error " + f.id() + "-help"
	case f.Error != "":
		return f.id() + "-error"
	case f.Help != "":
		return f.id() + "-help"
	}
	return ""
}

// input is the kind as HTML knows it.
func (f Field) input() string {
	switch f.Kind {
	case "number", "date", "password", "search", "email":
		return f.Kind
	case "datetime":
		return "datetime-local"
	}
	return "text" // money and percent too: a number field refuses the comma of other languages
}

func (f Field) inputMode() string {
	switch f.Kind {
	case "money", "percent":
		return "decimal"
	case "number":
		if f.Step == "" {
			return "numeric"
		}
		return "decimal"
	}
	return ""
}
