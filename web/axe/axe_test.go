package axe

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha512"
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"
)

func packed(t *testing.T, name, text string) (tarball []byte, sum string) {
	t.Helper()
	var out bytes.Buffer
	zw := gzip.NewWriter(&out)
	tw := tar.NewWriter(zw)
	if err := tw.WriteHeader(&tar.Header{Name: name, Size: int64(len(text)), Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	if _, err := tw.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := tw.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	all := sha512.Sum512(out.Bytes())
	return out.Bytes(), base64.StdEncoding.EncodeToString(all[:])
}

func TestOnlyTheTestedPackageIsUnpacked(t *testing.T) {
	good, sum := packed(t, member, "script")
	if text, err := unpack(good, sum); err != nil || string(text) != "script" {
		t.Errorf("the right package: %q, %v", text, err)
	}
	changed := append([]byte(nil), good...)
	changed[len(changed)-9] ^= 1
	if _, err := unpack(changed, sum); err == nil {
		t.Error("a changed package was taken")
	}
	other, sum := packed(t, "package/other.js", "script")
	if _, err := unpack(other, sum); err == nil {
		t.Error("a package without the script was taken")
	}
}

func TestTheFileAppearsWhole(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cache", "axe.js")
	if err := place(file, []byte("script")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil || string(text) != "script" {
		t.Errorf("%q, %v", text, err)
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(file), "axe-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
