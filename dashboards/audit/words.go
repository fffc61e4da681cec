package audit

import (
	"strings"

	"beckon/web/text"
)

// What says in words what was changed: "Rule Summer first saved".
func What(p *text.Printer, e *Entry) string {
	name := nameOf(p, e)
	if e.Count > 1 {
		if line, ok := knownN(p, "audit.lines."+e.Kind, e.Count); ok {
			return line
		}
		return p.N("audit.lines.other", e.Count, "kind", KindName(p, e.Kind))
	}
	for _, key := range doKeys(e) {
		if line := p.T(key, "name", name); line != key {
			return line
		}
	}
	_, verb, _ := strings.Cut(e.Do, ".")
	if w, ok := known(p, "audit.verb."+verb); ok {
		return strings.TrimSpace(KindName(p, e.Kind) + " " + name + " " + w)
	}
	return strings.TrimSpace(KindName(p, e.Kind) + " " + name + ": " + verb)
}

// nameOf is what people call what e is about.
func nameOf(p *text.Printer, e *Entry) string {
	if e.Kind == "settings" || e.Kind == "freeze" {
		scope, key, _ := strings.Cut(e.ID, ":")
		if w, ok := known(p, "audit.scope."+scope); ok {
			return strings.ReplaceAll(w, "{name}", key)
		}
		if e.Name == "" {
			return key
		}
	}
	if e.Name == "" {
		return e.ID
	}
	return e.Name
}

// doKeys are the messages that may say it, the most particular first.
func doKeys(e *Entry) []string {
	keys := []string{"audit.do." + e.Do}
	made := e.Before == nil && e.After != nil && !e.HasPrev && !e.Unknown && e.Refused == ""
	switch {
	case made:
		keys = append([]string{keys[0] + ".new"}, keys...)
	case e.Do == "offer.state" && e.After == nil && e.Refused == "":
		keys = append([]string{keys[0] + ".removed"}, keys...)
	case e.Do == "price.freeze" && strings.Contains(string(e.After), `"on":false`):
		keys = append([]string{keys[0] + ".off"}, keys...)
	case e.Do == "user.put" && strings.Contains(string(e.After), `"password":"changed"`):
		keys = append([]string{keys[0] + ".password"}, keys...)
	}
	return keys
}

func knownN(p *text.Printer, key string, n int64) (string, bool) {
	t := p.N(key, n)
	return t, t != key
}

// KindName is a kind in a word.
func KindName(p *text.Printer, kind string) string {
	if w, ok := known(p, "audit.kind."+kind); ok {
		return w
	}
	return kind
}

// Who is who did it.
func Who(p *text.Printer, actor string) string {
	sort, name, named := strings.Cut(actor, " ")
	switch {
	case named && sort == "user":
		return name
	case named && sort == "key":
		return p.T("audit.who.key", "id", name)
	case actor == "":
		return p.T("audit.who.nobody")
	}
	if w, ok := known(p, "audit.who."+actor); ok {
		return w
	}
	return actor
}

// summary is the first changes in one line.
func summary(p *text.Printer, e *Entry) string {
	if e.Count > 1 || e.Kind == "login" && e.Refused == "" && e.After == nil {
		return ""
	}
	list, _ := Changes(p, e)
	const most = 3
	var parts []string
	for _, c := range list[:min(len(list), most)] {
		switch {
		case c.Before == "" && c.After == "":
		case c.Before == "":
			parts = append(parts, c.Label+": "+short(c.After))
		case c.After == "":
			parts = append(parts, c.Label+": "+short(c.Before)+" → –")
		default:
			parts = append(parts, c.Label+": "+short(c.Before)+" → "+short(c.After))
		}
	}
	out := strings.Join(parts, " · ")
	if more := len(list) - most; more > 0 {
		out += " · " + p.N("audit.more_fields", int64(more))
	}
	return out
}

func short(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + " …"
	}
	return s
}

// ask is what is asked before a change is taken back: what that brings about, where it is more than what was before.
func ask(p *text.Printer, e *Entry) string {
	for _, key := range doKeys(e) {
		if w, ok := known(p, strings.Replace(key, "audit.do.", "audit.ask.", 1)); ok {
			return p.T("audit.undo.ask", "what", What(p, e)) + " " + w
		}
	}
	return p.T("audit.undo.ask", "what", What(p, e)) + " " + p.T("audit.undo.noted")
}

// whyNot says why a change cannot be taken back.
func whyNot(p *text.Printer, e *Entry) string {
	if w, ok := known(p, "audit.noundo."+e.NoUndo); ok {
		return w
	}
	return p.T("audit.noundo.other")
}
