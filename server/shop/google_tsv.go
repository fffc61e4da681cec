package shop

import (
	"errors"
	"io"
	"strings"
)

// readGoogleTSV reads a feed whose first line names the columns: "image link", "image_link" and "g:image_link" are the same. A value
// may stand in double quotes, doubled inside; tabs and line ends are in no value.
func readGoogleTSV(r io.Reader, take func(index int, p product, bad *lineError) error) error {
	in := newLines(r)
	var columns []string
	for index := 0; ; {
		line, tooLong, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if len(line) == 0 && !tooLong {
			continue
		}
		if columns == nil {
			if columns = tsvColumns(string(line)); columns == nil {
				return refuse("bad_feed", "feed: the first line names no column id")
			}
			continue
		}
		if tooLong {
			err = take(index, nil, wrong("too_large", "line: longer than %d bytes", maxLine))
		} else {
			p, bad := tsvProduct(string(line), columns)
			err = take(index, p, bad)
		}
		if err != nil {
			return err
		}
		index++
	}
}

const maxColumns = 500

func tsvColumns(line string) []string {
	names := strings.Split(line, "\t")
	known := false
	for i, name := range names {
		name = strings.TrimPrefix(strings.ToLower(unquote(strings.TrimSpace(name))), "g:")
		names[i] = strings.ReplaceAll(strings.TrimSpace(name), " ", "_")
		known = known || names[i] == "id"
	}
	if !known || len(names) > maxColumns {
		return nil
	}
	return names
}

func tsvProduct(line string, columns []string) (product, *lineError) {
	values := strings.Split(line, "\t")
	p := product{}
	for i, v := range values[:min(len(values), len(columns))] {
		if v = unquote(strings.TrimSpace(v)); v != "" && p[columns[i]] == "" {
			p[columns[i]] = v
		}
	}
	if len(values) > len(columns) && strings.TrimSpace(strings.Join(values[len(columns):], "")) != "" {
		return p, wrong("bad_field", "line: %d values for %d columns", len(values), len(columns))
	}
	return p, nil
}

func unquote(v string) string {
	if len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"' {
		return strings.TrimSpace(strings.ReplaceAll(v[1:len(v)-1], `""`, `"`))
	}
	return v
}
