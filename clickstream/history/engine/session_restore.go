package engine

import "encoding/binary"

// restorable is a setting as it was before a request.
type restorable struct {
	name, value string
	changed     bool
}

// keep reads what a request would change in its session, and gives the function that puts it back: settings and the database of a URL
// hold for its own statement only. What the statement itself says, SET and USE, stays.
func (t *task) keep(p parsed) (restore func(), err error) {
	if p.first == "SET" {
		t.request.settings = nil // they would cover what it sets
	}
	var before []restorable
	if len(t.request.settings) > 0 {
		if before, err = t.settingsNow(); err != nil {
			return nil, err
		}
	}
	return func() {
		for _, s := range before {
			set := "SET " + s.name + " = DEFAULT"
			if s.changed {
				set = setStatement([]setting{{s.name, s.value}})
			}
			_ = t.work.exec(set) // a setting that readonly keeps from being changed back ends with the session
		}
		if p.first != "USE" {
			return
		}
		if r, err := t.work.query("SELECT currentDatabase()", "RowBinary"); err == nil {
			w := walker{from: r.body()}
			t.work.home = string(w.text())
			r.close()
		}
	}, nil
}

func (t *task) settingsNow() ([]restorable, error) {
	text := []byte("SELECT name, value, changed FROM system.settings WHERE name IN (''")
	for _, s := range t.request.settings {
		text = append(text, ", "...)
		text = appendQuoted(text, s.name, '\'')
	}
	r, err := t.work.query(string(append(text, ')')), "RowBinary")
	if err != nil {
		return nil, err
	}
	defer r.close()
	var all []restorable
	w := walker{from: r.body()}
	for w.at < len(w.from) && w.err == nil {
		one := restorable{name: string(w.text()), value: string(w.text())}
		start := w.at
		if w.skip(1, 1); w.err == nil {
			one.changed = binary.LittleEndian.Uint16([]byte{w.from[start], 0}) != 0
			all = append(all, one)
		}
	}
	return all, w.err
}
