package ui

import (
	"net/url"
	"sort"
	"strings"
)

// bare is an address without its query.
func bare(address string) string {
	path, _, _ := strings.Cut(address, "?")
	return path
}

// query is an address's parameters, by name.
func query(address string) (out [][2]string) {
	_, raw, _ := strings.Cut(address, "?")
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil
	}
	for name, all := range values {
		for _, v := range all {
			out = append(out, [2]string{name, v})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i][0] < out[j][0] })
	return out
}
