package segment

import (
	"fmt"
	"math"
	"strings"
	"unicode/utf8"
)

// Bounds of what a site may define.
const (
	MaxDefinitions = 100
	MaxConditions  = 12
	MaxValues      = 50
	maxTitle       = 120 // bytes
	maxValue       = 128 // bytes
)

// Op compares a feature with a value.
type Op string

// The comparisons: the first two of numbers, the others of texts.
const (
	AtLeast Op = "at_least"
	AtMost  Op = "at_most"
	Is      Op = "is"     // one of Values is among the feature's texts
	IsNot   Op = "is_not" // none is
)

// Condition is one thing that must be so.
type Condition struct {
	Feature Feature  `json:"feature"`
	Op      Op       `json:"op"`
	Value   float64  `json:"value,omitzero"`
	Values  []string `json:"values,omitempty"`
}

// Definition is a segment.
type Definition struct {
	ID         string      `json:"id"` // 1-64 of a-z 0-9 _ -
	Title      string      `json:"title"`
	Any        bool        `json:"any,omitzero"` // one condition is enough; else all must hold
	Conditions []Condition `json:"conditions"`
}

// FieldError says which field of a definition is wrong.
type FieldError struct{ Field, Message string }

func (e *FieldError) Error() string { return e.Field + ": " + e.Message }

func wrong(field, format string, args ...any) error {
	return &FieldError{field, fmt.Sprintf(format, args...)}
}

// Check says what is wrong with a definition, nil if nothing is. The error is a *FieldError; a condition's field is conditions[i].
func (d *Definition) Check() error {
	if !ValidID(d.ID) {
		return wrong("id", "%q is not 1-64 of a-z 0-9 _ -", cut(d.ID))
	}
	if d.Title == "" || len(d.Title) > maxTitle || !utf8.ValidString(d.Title) {
		return wrong("title", "must have 1 to %d bytes of text", maxTitle)
	}
	if len(d.Conditions) == 0 || len(d.Conditions) > MaxConditions {
		return wrong("conditions", "%d, want 1 to %d", len(d.Conditions), MaxConditions)
	}
	for i := range d.Conditions {
		if err := d.Conditions[i].check(fmt.Sprintf("conditions[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

func (c *Condition) check(field string) error {
	switch {
	case c.Feature.place() < 0:
		return wrong(field+".feature", "%q is none that is known", cut(string(c.Feature)))
	case c.Feature.IsText():
		return c.checkTexts(field)
	case c.Op != AtLeast && c.Op != AtMost:
		return wrong(field+".op", "%q, want at_least or at_most", cut(string(c.Op)))
	case math.IsNaN(c.Value) || c.Value < 0 || c.Value > 1<<53:
		return wrong(field+".value", "must be a number from 0")
	case c.Feature.Percent() && c.Value > 100:
		return wrong(field+".value", "%g is not from 0 to 100", c.Value)
	case len(c.Values) > 0:
		return wrong(field+".values", "%s is compared with one number, value", c.Feature)
	}
	return nil
}

func (c *Condition) checkTexts(field string) error {
	switch {
	case c.Op != Is && c.Op != IsNot:
		return wrong(field+".op", "%q, want is or is_not", cut(string(c.Op)))
	case len(c.Values) == 0 || len(c.Values) > MaxValues:
		return wrong(field+".values", "%d, want 1 to %d", len(c.Values), MaxValues)
	case c.Value != 0:
		return wrong(field+".value", "%s is compared with texts, values", c.Feature)
	}
	for _, v := range c.Values {
		if v == "" || len(v) > maxValue || !utf8.ValidString(v) {
			return wrong(field+".values", "each must have 1 to %d bytes of text", maxValue)
		}
	}
	return nil
}

// ValidID says whether id can be a segment's.
func ValidID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	return strings.IndexFunc(id, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}) < 0
}

func cut(text string) string {
	if len(text) > 40 {
		return strings.ToValidUTF8(text[:40], "") + "…"
	}
	return text
}
