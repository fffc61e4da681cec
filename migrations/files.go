package migrations

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"
)

//go:embed sql/*.sql
var embedded embed.FS

// file is a migration as it stands in the binary.
type file struct {
	number   int
	name     string
	path     string
	text     string
	checksum string
}

var fileName = regexp.MustCompile(`^(\d{4})_([a-z0-9_]+)\.sql$`)

// load reads the files of a folder in order. They are numbered from 1 without a gap.
func load(folder fs.FS, dir string) ([]file, error) {
	entries, err := fs.ReadDir(folder, dir)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	var files []file
	for _, e := range entries { // sorted by name
		m := fileName.FindStringSubmatch(e.Name())
		if m == nil {
			return nil, fmt.Errorf("migration %s: the name is not NNNN_name.sql", e.Name())
		}
		f := file{name: m[2], path: path.Join(dir, e.Name())}
		if f.number, err = strconv.Atoi(m[1]); err != nil || f.number != len(files)+1 {
			return nil, fmt.Errorf("migration %s: want number %04d", e.Name(), len(files)+1)
		}
		text, err := fs.ReadFile(folder, f.path)
		if err != nil {
			return nil, fmt.Errorf("read migration %s: %w", e.Name(), err)
		}
		f.text = string(text)
		list, err := reference.render(e.Name(), f.text)
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256([]byte(strings.Join(list, ";\n")))
		f.checksum = hex.EncodeToString(sum[:])
		files = append(files, f)
	}
	return files, nil
}

// Latest is the number of the newest file.
func Latest() int {
	files, err := load(embedded, "sql")
	if err != nil {
		panic(err) // the files are part of the binary: a test reads them all
	}
	return files[len(files)-1].number
}
