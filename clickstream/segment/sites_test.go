package segment

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	json "github.com/go-json-experiment/json"

	"beckon/clickstream/record"
)

func put(t *testing.T, s *Sites, site, id string, d Definition) error {
	t.Helper()
	body, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Apply(&record.Control{Do: DoPut, Site: site, ID: id, Body: body})
	return err
}

var phones = Definition{Title: "Phones", Conditions: []Condition{{Feature: Device, Op: Is, Values: []string{"mobile"}}}}

func TestSitesShareNoSegments(t *testing.T) {
	s := NewSites()
	if err := put(t, s, "a", "phones", phones); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Of("b").Definition("phones"); ok || s.Own("b", "phones") {
		t.Error("site b sees it")
	}
	if !s.Own("a", "phones") || s.Own("a", New) {
		t.Error("own is wrong")
	}
}

func TestARemovedOneOfTheBuiltinReturns(t *testing.T) {
	s := NewSites()
	if err := put(t, s, "a", New, phones); err != nil {
		t.Fatal(err)
	}
	if d, _ := s.Of("a").Definition(New); d.Title != "Phones" || !s.Own("a", New) {
		t.Errorf("%+v", d)
	}
	for i, want := range []string{"", "unknown_segment"} {
		_, err := s.Apply(&record.Control{Do: DoRemove, Site: "a", ID: New})
		var refusal *Refusal
		if errors.As(err, &refusal) != (want != "") || refusal != nil && refusal.Code != want {
			t.Errorf("removal %d: %v", i, err)
		}
	}
	if d, _ := s.Of("a").Definition(New); d.Title != "New" {
		t.Errorf("%+v", d)
	}
}

func TestBoundsAndMistakesAreRefused(t *testing.T) {
	s := NewSites()
	for i := range MaxDefinitions {
		if err := put(t, s, "a", fmt.Sprintf("s%d", i), phones); err != nil {
			t.Fatal(err)
		}
	}
	var refusal *Refusal
	if err := put(t, s, "a", "more", phones); !errors.As(err, &refusal) || refusal.Code != "too_many_segments" {
		t.Errorf("%v", err)
	}
	if err := put(t, s, "a", "s1", phones); err != nil {
		t.Errorf("a known one: %v", err)
	}
	if err := put(t, s, "b", "x", Definition{}); !errors.As(err, &refusal) || refusal.Code != "bad_segment" {
		t.Errorf("%v", err)
	}
}

func TestTheImageIsTheState(t *testing.T) {
	s, again := NewSites(), NewSites()
	for _, site := range []string{"b", "a"} {
		for _, id := range []string{"z", "phones"} {
			if err := put(t, s, site, id, phones); err != nil {
				t.Fatal(err)
			}
		}
	}
	image := func(s *Sites) (lines []string) {
		err := s.Image()(func(v any) error {
			text, err := json.Marshal(v)
			lines = append(lines, string(text))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	for _, line := range image(s) {
		if err := again.Load([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := image(again), image(s); !slices.Equal(got, want) || len(want) != 2 {
		t.Errorf("%v, want %v", got, want)
	}
	if err := again.Load([]byte(image(s)[0])); err == nil {
		t.Error("a site twice was taken")
	}
}
