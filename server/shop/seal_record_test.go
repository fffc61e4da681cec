package shop

import (
	"errors"
	"strings"
	"testing"
)

func TestRecordsOfKeysAndUsersLeaveSealedAndComeBack(t *testing.T) {
	s, err := NewRecordSealer([]byte("0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewRecordSealer([]byte("fedcba9876543210"))
	if err != nil {
		t.Fatal(err)
	}
	const payload = `{"t":1,"hash":"deep-secret"}`
	for action, sealed := range map[string]bool{"key.put": true, "user.put": true, "": true, "site.put": false, "item.put": false} {
		text := s.Seal(action, payload)
		if strings.Contains(text, "deep-secret") == sealed || s.Seal(action, payload) != text {
			t.Errorf("%s: got %s", action, text)
		}
		back, err := s.Open(text)
		if err != nil || back != payload {
			t.Errorf("%s: got back %q, %v", action, back, err)
		}
		if !sealed {
			continue
		}
		if _, err := other.Open(text); !errors.Is(err, ErrRecordSecret) {
			t.Errorf("%s: opened with another secret: %v", action, err)
		}
		if _, err := s.Open(text[:len(text)-2]); !errors.Is(err, ErrRecordSecret) {
			t.Errorf("%s: a cut text opened: %v", action, err)
		}
	}
	if got := s.Seal("key.put", ""); got != "" {
		t.Errorf("an erased record became %q", got)
	}
}

func FuzzSealedRecordsComeBack(f *testing.F) {
	s, err := NewRecordSealer([]byte("0123456789abcdef"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add("key.put", `{"do":"key.put"}`)
	f.Add("", sealedRecord+"AAAA")
	f.Fuzz(func(t *testing.T, action, payload string) {
		if action != "" && strings.HasPrefix(payload, sealedRecord) {
			action = "" // no JSON, so it has none
		}
		if back, err := s.Open(s.Seal(action, payload)); err != nil || back != payload {
			t.Errorf("got back %q, %v", back, err)
		}
		s.Open(payload) // ends, whatever it is given
	})
}
