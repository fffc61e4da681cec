package engine

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ClickHouse 26.7 notes a block's insert token in its table's deduplication_logs first and renames the block's part into place after
// that. Killed in between, the table remembers a block that it does not have, and the writer's retry would be dropped as a repeat: the
// rows would be lost. So before the engine opens its folder, tables forget the tokens of parts that are not there.
//
// A line of a log is an operation (1 add, 2 drop), a part and a block's name, parted by tabs; a part is
// PARTITION_FIRST_LAST_LEVEL[_MUTATION] over block numbers, and merged and mutated parts keep those of what they were made of.

var (
	partName     = regexp.MustCompile(`^([^_]+)_(\d+)_(\d+)_\d+(?:_\d+)?$`)
	tokenLogName = regexp.MustCompile(`^deduplication_log_(\d+)\.txt$`)
)

// blocks is the run of block numbers that a part holds.
type blocks struct {
	partition   string
	first, last uint64
}

func parsePart(name string) (blocks, bool) {
	m := partName.FindStringSubmatch(name)
	if m == nil {
		return blocks{}, false
	}
	first, err := strconv.ParseUint(m[2], 10, 64)
	last, err2 := strconv.ParseUint(m[3], 10, 64)
	return blocks{m[1], first, last}, err == nil && err2 == nil
}

// forgetLostParts mends all tables of a data folder that no engine has open, and says how many tokens were forgotten.
func forgetLostParts(dir string) (int, error) {
	logs, err := filepath.Glob(filepath.Join(escapeGlob(dir), "store", "*", "*", "deduplication_logs"))
	if err != nil {
		return 0, fmt.Errorf("find insert tokens: %w", err)
	}
	forgotten := 0
	for _, folder := range logs {
		n, err := mendTokens(folder)
		if err != nil {
			return forgotten, fmt.Errorf("mend insert tokens in %s: %w", folder, err)
		}
		forgotten += n
	}
	return forgotten, nil
}

func escapeGlob(dir string) string {
	return regexp.MustCompile(`[\\*?\[]`).ReplaceAllString(dir, `\$0`)
}

// mendTokens appends a drop for each token whose part is not covered by one on disk, as ClickHouse does when it drops a part.
func mendTokens(folder string) (int, error) {
	held, err := partsOf(filepath.Dir(folder))
	if err != nil {
		return 0, err
	}
	newest, live, err := readTokens(folder)
	if err != nil || newest == "" {
		return 0, err
	}
	var drops bytes.Buffer
	lost := 0
	for block, name := range live {
		part, ok := parsePart(name)
		covers := func(p blocks) bool {
			return p.partition == part.partition && p.first <= part.first && part.last <= p.last
		}
		if ok && !slices.ContainsFunc(held, covers) {
			fmt.Fprintf(&drops, "2\t%s\t%s\n", name, block)
			lost++
		}
	}
	if lost == 0 {
		return 0, nil
	}
	f, err := os.OpenFile(newest, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return 0, err
	}
	_, err = f.Write(drops.Bytes())
	return lost, errors.Join(err, f.Sync(), f.Close())
}

// partsOf are the parts in a table's folder, whether ClickHouse still reads them or not.
func partsOf(table string) ([]blocks, error) {
	entries, err := os.ReadDir(table)
	if err != nil {
		return nil, err
	}
	var held []blocks
	for _, e := range entries {
		if p, ok := parsePart(e.Name()); ok && e.IsDir() {
			held = append(held, p)
		}
	}
	return held, nil
}

// readTokens are the tokens that a table remembers, by block the part, and the file to which it appends, "" if there is none. A line without an end, which
// only a power cut leaves, is taken off: its part did not come.
func readTokens(folder string) (newest string, live map[string]string, err error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return "", nil, err
	}
	number := func(e fs.DirEntry) int {
		m := tokenLogName.FindStringSubmatch(e.Name())
		if m == nil {
			return 0
		}
		n, _ := strconv.Atoi(m[1]) // digits, by the pattern; too many of them are no log of ours
		return n
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return number(e) == 0 })
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(number(a), number(b)) })
	live = map[string]string{}
	for _, e := range entries {
		newest = filepath.Join(folder, e.Name())
		text, err := os.ReadFile(newest)
		if err != nil {
			return "", nil, err
		}
		if whole := bytes.LastIndexByte(text, '\n') + 1; whole < len(text) {
			if err := os.Truncate(newest, int64(whole)); err != nil {
				return "", nil, err
			}
			text = text[:whole]
		}
		for line := range strings.Lines(string(text)) {
			f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			switch {
			case len(f) == 3 && f[0] == "1":
				live[f[2]] = f[1]
			case len(f) == 3 && f[0] == "2":
				delete(live, f[2])
			default:
				return "", nil, fmt.Errorf("%s: a line is not operation, part and block: %q", e.Name(), line)
			}
		}
	}
	return newest, live, nil
}
