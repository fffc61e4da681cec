package shop

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// maxProduct bounds the text of one product in a feed, and maxSpan the bytes between two products, in which nothing is kept.
const (
	maxProduct = maxLine
	maxSpan    = 1 << 20
)

// readGoogleXML reads item elements of RSS 2.0 and entry elements of Atom as they come. Only their direct children count, of no
// namespace, Atom's or Google's: the price of a shipping method is not the product's.
func readGoogleXML(r io.Reader, take func(index int, p product, bad *lineError) error) error {
	span := &spanReader{r: r, left: maxSpan}
	in := xml.NewDecoder(span)
	in.Entity = xml.HTMLEntity
	in.CharsetReader = charsetReader
	for index := 0; ; {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return span.explain(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "item" && start.Name.Local != "entry" {
			span.left = maxSpan
			continue
		}
		span.left = maxSpan
		p, bad, err := xmlProduct(in)
		if err != nil {
			return span.explain(err)
		}
		if err := take(index, p, bad); err != nil {
			return err
		}
		index++
	}
}

// xmlProduct reads the children of an item element and its end.
func xmlProduct(in *xml.Decoder) (product, *lineError, error) {
	p := product{}
	var name string // of the open child, "" for one that does not count
	var text strings.Builder
	size := 0
	for depth := 1; depth > 0; {
		token, err := in.Token()
		if err != nil {
			return nil, nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			depth++
			if depth == 2 {
				name = childName(t)
				text.Reset()
				if name == "link" { // Atom's stands in an attribute
					text.WriteString(hrefOf(t))
				}
			}
		case xml.CharData:
			if depth != 2 || name == "" {
				continue
			}
			if size += len(t); size <= maxProduct {
				text.Write(t)
			}
		case xml.EndElement:
			depth--
			if depth == 1 && name != "" {
				if v := strings.TrimSpace(text.String()); v != "" && p[name] == "" {
					p[name] = v
				}
				name = ""
			}
		}
	}
	if size > maxProduct {
		return p, wrong("too_large", "item: longer than %d bytes", maxProduct), nil
	}
	return p, nil, nil
}

func childName(e xml.StartElement) string {
	switch e.Name.Space {
	case "", "g", "http://base.google.com/ns/1.0", "http://www.w3.org/2005/Atom":
		return e.Name.Local
	}
	return ""
}

func hrefOf(e xml.StartElement) string {
	href := ""
	for _, a := range e.Attr {
		switch {
		case a.Name.Local == "rel" && a.Value != "alternate":
			return ""
		case a.Name.Local == "href":
			href = a.Value
		}
	}
	return href
}

func charsetReader(label string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "utf-8", "utf8", "us-ascii":
		return r, nil
	case "iso-8859-1", "latin1", "windows-1252":
		return charmap.Windows1252.NewDecoder().Reader(r), nil
	case "iso-8859-15":
		return charmap.ISO8859_15.NewDecoder().Reader(r), nil
	}
	return nil, fmt.Errorf("unknown encoding %q", clip(label))
}

var errSpan = errors.New("span too long")

// spanReader ends a feed that goes on for maxSpan bytes without a product ending: the XML decoder itself has no bound.
type spanReader struct {
	r    io.Reader
	left int
	err  error // of r
}

func (s *spanReader) Read(b []byte) (int, error) {
	if s.left <= 0 {
		return 0, errSpan
	}
	n, err := s.r.Read(b[:min(len(b), s.left)])
	s.left -= n
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// explain tells the reader's own errors from a feed that is not well-formed.
func (s *spanReader) explain(err error) error {
	switch {
	case s.err != nil:
		return s.err
	case errors.Is(err, errSpan):
		return refuse("bad_feed", "feed: more than %d bytes without the end of a product", maxSpan)
	}
	return refuse("bad_feed", "feed: %v", err)
}
