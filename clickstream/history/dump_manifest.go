package history

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const (
	dumpVersion  = 1
	dumpManifest = "manifest.json"
)

// Manifest says what a dump holds. It is written last: a folder without one is no dump.
type Manifest struct {
	Version int         `json:"version"`
	ID      string      `json:"id"` // of this dump, at random
	Tables  []DumpTable `json:"tables"`
}

// DumpTable is the files of one table, in the order in which they are put back.
type DumpTable struct {
	Name    string     `json:"name"`
	Columns []string   `json:"columns"`
	Files   []DumpFile `json:"files"`
}

// DumpFile is one file of a dump.
type DumpFile struct {
	Name   string `json:"name"`
	Rows   uint64 `json:"rows"`
	Bytes  int64  `json:"bytes"` // of the file
	SHA256 string `json:"sha256"`
}

// Rows is the number of rows in all files.
func (m *Manifest) Rows() uint64 {
	var n uint64
	for i := range m.Tables {
		n += m.Tables[i].Rows()
	}
	return n
}

// Rows is the number of rows in the table's files.
func (t *DumpTable) Rows() uint64 {
	var n uint64
	for _, f := range t.Files {
		n += f.Rows
	}
	return n
}

// Bytes is the size of all files.
func (m *Manifest) Bytes() int64 {
	var n int64
	for _, t := range m.Tables {
		for _, f := range t.Files {
			n += f.Bytes
		}
	}
	return n
}

// ReadManifest reads the manifest of the dump in dir; the error is os.ErrNotExist where there is none.
func ReadManifest(dir string) (*Manifest, error) {
	text, err := os.ReadFile(filepath.Join(dir, dumpManifest))
	if err != nil {
		return nil, err
	}
	var m Manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Join(dir, dumpManifest), err)
	}
	if m.Version != dumpVersion {
		return nil, fmt.Errorf("%s: version %d, this program knows %d", filepath.Join(dir, dumpManifest), m.Version, dumpVersion)
	}
	known := map[string]bool{}
	for _, t := range dumpTables() {
		known[t.name] = true
	}
	for _, t := range m.Tables {
		if !known[t.Name] || len(t.Columns) == 0 {
			return nil, fmt.Errorf("%s: table %q is not one of a dump", filepath.Join(dir, dumpManifest), t.Name)
		}
		for _, f := range t.Files {
			if !filepath.IsLocal(f.Name) || strings.ContainsAny(f.Name, `/\`) {
				return nil, fmt.Errorf("%s: %q is not the name of a file in it", filepath.Join(dir, dumpManifest), f.Name)
			}
		}
	}
	return &m, nil
}

// write puts the manifest into dir, whole or not at all.
func (m *Manifest) write(dir string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeWhole(filepath.Join(dir, dumpManifest), append(text, '\n'))
}

// writeWhole makes name hold exactly content, durably.
func writeWhole(name string, content []byte) error {
	tmp := name + ".tmp"
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, name); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(name))
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Check reads every file of the dump in dir and returns what is not as the manifest says.
func (m *Manifest) Check(dir string) error {
	var bad []error
	for _, t := range m.Tables {
		for _, f := range t.Files {
			if err := f.check(dir); err != nil {
				bad = append(bad, err)
			}
		}
	}
	return errors.Join(bad...)
}

func (f *DumpFile) check(dir string) error {
	in, err := os.Open(filepath.Join(dir, f.Name))
	if err != nil {
		return err
	}
	defer in.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, in)
	if err != nil {
		return fmt.Errorf("read %s: %w", in.Name(), err)
	}
	if n != f.Bytes || hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("%s is damaged: %d bytes, checksum %x; the manifest says %d and %s", in.Name(), n, sum.Sum(nil), f.Bytes, f.SHA256)
	}
	return nil
}
