package text

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/go-playground/locales"
)

//go:embed messages
var files embed.FS

// message is a text in its plural forms; only other is there when no number decides.
type message struct {
	one, other form
	plural     bool
}

// form is a text cut at its placeholders: text, name, text, name, …, text.
type form []string

// readMessages reads a language's files. Every key is in the file of its area and stands there once.
func readMessages(lang string) (map[string]message, error) {
	out := map[string]message{}
	dir := "messages/" + lang
	entries, err := fs.ReadDir(files, dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		area, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok {
			return nil, fmt.Errorf("%s: not a message file", name)
		}
		body, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if err := decodeMessages(body, area, out); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return out, nil
}

// decodeMessages adds the messages of one file to out.
func decodeMessages(body []byte, area string, out map[string]message) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return err
	}
	for key, value := range raw {
		if !strings.HasPrefix(key, area+".") {
			return fmt.Errorf("key %q belongs into another file", key)
		}
		m, err := decodeMessage(value)
		if err != nil {
			return fmt.Errorf("key %q: %w", key, err)
		}
		out[key] = m
	}
	return nil
}

func decodeMessage(value json.RawMessage) (message, error) {
	if len(value) > 0 && value[0] == '"' {
		var s string
		if err := json.Unmarshal(value, &s); err != nil {
			return message{}, err
		}
		f, err := parseForm(s)
		return message{other: f}, err
	}
	var forms struct{ One, Other *string }
	if err := json.Unmarshal(value, &forms); err != nil {
		return message{}, err
	}
	if forms.One == nil || forms.Other == nil {
		return message{}, errors.New(`needs "one" and "other"`)
	}
	one, err := parseForm(*forms.One)
	if err != nil {
		return message{}, err
	}
	other, err := parseForm(*forms.Other)
	return message{one: one, other: other, plural: true}, err
}

// parseForm cuts s at its {placeholders}.
func parseForm(s string) (form, error) {
	var out form
	for {
		before, rest, ok := strings.Cut(s, "{")
		out = append(out, before)
		if !ok {
			return out, nil
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok || name == "" {
			return nil, fmt.Errorf("a placeholder of %q is open", s)
		}
		out, s = append(out, name), after
	}
}

// T is the message of key. args are names and values by turns: T("prices.approved_by", "who", "anna") fills {who}. Numbers are written
// as the language writes them, strings as they are. A placeholder without a value stays as it is.
func (p *Printer) T(key string, args ...any) string {
	m, ok := p.messages[key]
	if !ok {
		return key
	}
	return p.fill(m.other, args, nil)
}

// N is the message of key in the form that goes with n, which fills {n}.
func (p *Printer) N(key string, n int64, args ...any) string {
	m, ok := p.messages[key]
	if !ok {
		return key
	}
	f := m.other
	if m.plural && p.locale.CardinalPluralRule(float64(n), 0) == locales.PluralRuleOne {
		f = m.one
	}
	return p.fill(f, args, &n)
}

// Has says whether there is a message of key: for keys made from what others send, which may be newer than the messages.
func (p *Printer) Has(key string) bool {
	_, ok := p.messages[key]
	return ok
}

func (p *Printer) fill(f form, args []any, n *int64) string {
	if len(f) == 1 {
		return f[0]
	}
	var b strings.Builder
	for i, part := range f {
		if i%2 == 0 {
			b.WriteString(part)
			continue
		}
		if n != nil && part == "n" {
			b.WriteString(p.Int(*n))
			continue
		}
		if v, ok := argument(args, part); ok {
			b.WriteString(p.value(v))
		} else {
			b.WriteString("{" + part + "}")
		}
	}
	return b.String()
}

func argument(args []any, name string) (any, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if s, ok := args[i].(string); ok && s == name {
			return args[i+1], true
		}
	}
	return nil, false
}

// value writes an argument.
func (p *Printer) value(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return p.Int(int64(v))
	case int64:
		return p.Int(v)
	case uint64:
		return p.Int(int64(v))
	case float64:
		return p.Number(v, 2)
	case time.Duration:
		return p.Duration(v)
	}
	return fmt.Sprint(v)
}
