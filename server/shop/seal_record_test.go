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
	for action, sealed := range map[string]bool{"key.put": true, "user.put": true, "site.put": false, "item.put": false} {
		payload := `{"t":1,"do":"` + action + `","hash":"deep-secret"}`
		text := s.Seal(action, payload)
		if strings.Contains(text, "deep-secret") == sealed || s.Seal(action, payload) != text {
			t.Errorf("%s: got %s", action, text)
		}
		back, err := s.Open(action, text)
		if err != nil || back != payload {
			t.Errorf("%s: got back %q, %v", action, back, err)
		}
		if !sealed {
			continue
		}
		if _, err := other.Open(action, text); !errors.Is(err, ErrRecordSecret) {
			t.Errorf("%s: opened with another secret: %v", action, err)
		}
		if _, err := s.Open("key.revoke", text); !errors.Is(err, ErrRecordSecret) {
			t.Errorf("%s: opened as another action: %v", action, err)
		}
		if _, err := s.Open(action, text[:len(text)-2]); !errors.Is(err, ErrRecordSecret) {
			t.Errorf("%s: a cut text opened: %v", action, err)
		}
	}
	if got := s.Seal("key.put", ""); got != "" {
		t.Errorf("an erased record became %q", got)
	}
}
