package shop

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	json "github.com/go-json-experiment/json"
)

// The lists of unlisted items are written when the store closes and read when it opens. They are notes: after a crash, or when the
// file cannot be read, they begin again.
const seenFile = "seen.json"

func (s *Store) saveSeen() error {
	lists := map[string][]SeenItem{}
	for id := range s.view.Load().sites {
		if items := s.SeenItems(id, 2*seenHalf); len(items) > 0 {
			lists[id] = items
		}
	}
	name := filepath.Join(s.cfg.Dir, seenFile)
	if _, err := writeFile(name, func(f *os.File) error { return json.MarshalWrite(f, lists, json.Deterministic(true)) }); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}

func (s *Store) loadSeen() error {
	name := filepath.Join(s.cfg.Dir, seenFile)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var lists map[string][]SeenItem
	if err == nil {
		err = json.Unmarshal(text, &lists)
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	for id, items := range lists {
		if sv := s.site(id); sv != nil {
			sv.seen.load(items)
		}
	}
	return nil
}

func (l *seenList) load(items []SeenItem) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.newer, l.older = map[string]*SeenItem{}, map[string]*SeenItem{}
	for i, it := range items[:min(len(items), 2*seenHalf)] {
		half := l.newer
		if i >= seenHalf {
			half = l.older
		}
		half[it.ID] = &it
	}
}
