package main

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// dataDir is the layout of an installation's folder:
//
//	events/       the events log           collector/    dedup files and the ledger's base
//	control/      the control log          checkpoints/  snapshots of the folds
//	shop/         snapshots of the shop    secret        key material, mode 0600
//	plans/        frozen batches of the    history/      the embedded ClickHouse engine's data
//	              history, not yet written
//	server.json   where the running server listens for operators, mode 0600
//	erasures.json visitors whose erasure is not complete, mode 0600
//	demo.json     keys and password of the demo, mode 0600
//	incarnation   of the events log, after a restore
type dataDir string

func (d dataDir) path(name string) string { return filepath.Join(string(d), name) }

func (d dataDir) events() string      { return d.path("events") }
func (d dataDir) control() string     { return d.path("control") }
func (d dataDir) shop() string        { return d.path("shop") }
func (d dataDir) collector() string   { return d.path("collector") }
func (d dataDir) checkpoints() string { return d.path("checkpoints") }
func (d dataDir) plans() string       { return d.path("plans") }
func (d dataDir) history() string     { return d.path("history") }

// incarnation names the events log to browsers: offsets of one incarnation can be compared. It is the log's epoch, and another
// after a restore.
func (d dataDir) incarnation(epoch string) (string, error) {
	text, err := os.ReadFile(d.path("incarnation"))
	if errors.Is(err, fs.ErrNotExist) {
		return epoch, nil
	}
	return strings.TrimSpace(string(text)), err
}

func (d dataDir) newIncarnation() error {
	return writeFile(d.path("incarnation"), []byte(rand.Text()+"\n"))
}

// secret is an installation's key material; each use derives its own key.
type secret []byte

// openSecret returns BECKON_SECRET when set, else the folder's own, made at first use.
func (d dataDir) openSecret(given string) (secret, error) {
	if given != "" {
		return secret(given), nil
	}
	name := d.path("secret")
	text, err := os.ReadFile(name)
	if err == nil {
		raw, err := hex.DecodeString(strings.TrimSpace(string(text)))
		if err != nil || len(raw) < 16 {
			return nil, fmt.Errorf("%s is not a hex secret of 16 bytes or more", name)
		}
		return raw, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	raw := make([]byte, 32)
	rand.Read(raw)
	if err := writeFile(name, []byte(hex.EncodeToString(raw)+"\n")); err != nil {
		return nil, err
	}
	return raw, nil
}

// key derives the 32-byte key of one use (HKDF, RFC 5869).
func (s secret) key(use string) ([]byte, error) {
	return hkdf.Key(sha256.New, s, nil, "beckon "+use, 32)
}

func (s secret) seed(use string) (uint64, error) {
	key, err := s.key(use)
	if err != nil {
		return 0, err
	}
	return binary.LittleEndian.Uint64(key), nil
}

// writeFile replaces name with content, mode 0600: a reader sees the old or the new file, whole, also after a crash.
func writeFile(name string, content []byte) error {
	dir := filepath.Dir(name)
	tmp, err := os.CreateTemp(dir, "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(content)
	if err == nil {
		err = tmp.Sync()
	}
	err = errors.Join(err, tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write %s: %w", name, err), os.Remove(tmp.Name()))
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func writeJSON(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(name, append(text, '\n'))
}
