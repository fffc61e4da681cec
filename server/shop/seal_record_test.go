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
	for payload, sealed := range map[string]bool{
		`{"t":1,"do":"key.put","hash":"deep-secret"}`:  true,
		`{"hash":"deep-secret","do":"user.put","t":1}`: true,
		`not JSON deep-secret`:                         true,
		`{"t":1,"do":"site.put","hash":"deep-secret"}`: false,
		`{"t":1,"do":"item.put","hash":"deep-secret"}`: false,
	} {
		text, ok := s.Seal([]byte(payload))
		again, _ := s.Seal([]byte(payload))
		if !ok || strings.Contains(string(text), "deep-secret") == sealed || string(again) != string(text) {
			t.Errorf("%s: got %s", payload, text)
		}
		back, err := s.Open(string(text))
		if err != nil || back != payload {
			t.Errorf("%s: got back %q, %v", payload, back, err)
		}
		if !sealed {
			continue
		}
		if _, err := other.Open(string(text)); !errors.Is(err, ErrRecordSecret) {
			t.Errorf("%s: opened with another secret: %v", payload, err)
		}
		if _, err := s.Open(string(text[:len(text)-2])); !errors.Is(err, ErrRecordSecret) {
			t.Errorf("%s: a cut text opened: %v", payload, err)
		}
	}
	if got, ok := s.Seal(nil); len(got) > 0 || !ok {
		t.Errorf("an erased record became %q", got)
	}
}

func FuzzSealedRecordsComeBack(f *testing.F) {
	s, err := NewRecordSealer([]byte("0123456789abcdef"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"do":"key.put"}`))
	f.Add([]byte(sealedRecord + "AAAA"))
	f.Fuzz(func(t *testing.T, payload []byte) {
		text, _ := s.Seal(payload)
		back, err := s.Open(string(text))
		if err != nil || back != string(payload) {
			t.Errorf("got back %q, %v", back, err)
		}
		s.Open(string(payload)) // ends, whatever it is given
	})
}
