package demo

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"testing"
)

var validID = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)

func TestCatalogIsPlausible(t *testing.T) {
	c := NewCatalog(1)
	if len(c.Items) < 300 {
		t.Fatalf("%d items", len(c.Items))
	}
	titles := map[string]bool{}
	out, low := 0, 0
	for i := range c.Items {
		it := &c.Items[i]
		if !validID.MatchString(it.ID) || c.Item(it.ID) != it {
			t.Errorf("id %q", it.ID)
		}
		if titles[it.Title] || it.Title == "" || it.Brand == "" || it.words == "" || categoryOf(it.Category) == nil {
			t.Errorf("%s: title %q, brand %q, category %q", it.ID, it.Title, it.Brand, it.Category)
		}
		titles[it.Title] = true
		if it.Price < 490 || it.Price > 100000 || it.Price%10 != 0 || it.demand <= 0 {
			t.Errorf("%s costs %d and is wanted %f", it.ID, it.Price, it.demand)
		}
		for _, id := range it.goes {
			if c.Item(id) == nil {
				t.Errorf("%s goes with %s, which there is not", it.ID, id)
			}
		}
		if it.Stock == 0 {
			out++
		} else if it.Stock <= lowStock {
			low++
		}
	}
	if out < 3 || low < 15 || out+low > len(c.Items)/4 {
		t.Errorf("%d items sold out, %d low", out, low)
	}
}

func TestSameSeedSameCatalog(t *testing.T) {
	var one, two, three bytes.Buffer
	for _, w := range []struct {
		seed uint64
		to   *bytes.Buffer
	}{{1, &one}, {1, &two}, {2, &three}} {
		if err := NewCatalog(w.seed).WriteNDJSON(w.to); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the same seed gave two catalogs")
	}
	if bytes.Equal(one.Bytes(), three.Bytes()) {
		t.Error("two seeds gave one catalog")
	}
	lines := bytes.Split(bytes.TrimSpace(one.Bytes()), []byte("\n"))
	for _, line := range lines {
		var it struct {
			ID    string `json:"item_id"`
			Price int64
			Image string
		}
		if err := json.Unmarshal(line, &it); err != nil || it.ID == "" || it.Price == 0 || it.Image == "" {
			t.Fatalf("line %s: %v", line, err)
		}
	}
}

func TestEveryItemHasItsPicture(t *testing.T) {
	c := NewCatalog(1)
	seen := map[string]string{}
	for i := range c.Items {
		it := &c.Items[i]
		svg := it.picture()
		dec := xml.NewDecoder(bytes.NewReader(svg))
		for {
			_, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", it.ID, err)
			}
		}
		if i := bytes.IndexByte(svg, '$'); i >= 0 {
			t.Errorf("%s: a colour is missing near %.30s", it.ID, svg[i:])
		}
		if other := seen[string(svg)]; other != "" {
			t.Errorf("%s looks like %s", it.ID, other)
		}
		seen[string(svg)] = it.ID
	}
}

func TestSearchFindsWordsEverywhere(t *testing.T) {
	c := NewCatalog(1)
	for query, want := range map[string]int{"kettle": 12, "Isar kettle": 1, "plum lamp": 3, "norrvik": 56, "": 0, "  ": 0, "nothing like this": 0} {
		if got := len(c.Search(query, 1000)); got != want {
			t.Errorf("%q found %d, want %d", query, got, want)
		}
	}
	if got := c.Search("kettle", 5); len(got) != 5 || got[0].Kind != "kettle" {
		t.Errorf("the first five of kettle are %v", got)
	}
}
