package engine

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// An Exception is an error of ClickHouse, in its own words: "Code: 60. DB::Exception: Unknown table … (UNKNOWN_TABLE)".
type Exception struct {
	Code int    // ClickHouse's number; 0 when the text carries none
	Name string // as UNKNOWN_TABLE, or empty
	Text string // the whole text
}

func (e *Exception) Error() string { return e.Text }

var errNoAnswer = errors.New("the engine gave neither an answer nor an error")

var (
	codePattern = regexp.MustCompile(`Code: (\d{1,6})\. `)
	namePattern = regexp.MustCompile(`\(([A-Z][A-Z0-9_]+)\)`)
)

func parseException(text string) *Exception {
	e := &Exception{Text: strings.TrimSpace(text)}
	if m := codePattern.FindStringSubmatch(e.Text); m != nil {
		e.Code, _ = strconv.Atoi(m[1]) // at most six digits
	}
	if all := namePattern.FindAllStringSubmatch(e.Text, -1); all != nil {
		e.Name = all[len(all)-1][1]
	}
	return e
}
