package engine

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

func TestTokensAreWrittenToTheDiskBeforeTheirParts(t *testing.T) {
	e := startEngine(t, Config{})
	db := open(t, e)
	run(t, db, tokenTable)
	if err := insertBatch(t.Context(), db, 1); err != nil {
		t.Fatal(err)
	}
	logs, err := filepath.Glob(filepath.Join(e.cfg.Dir, "store", "*", "*", "deduplication_logs", "*.txt"))
	if err != nil || len(logs) == 0 {
		t.Fatalf("logs %v: %v", logs, err)
	}
	for _, name := range logs {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		flags, err := unix.IoctlGetUint32(int(f.Fd()), unix.FS_IOC_GETFLAGS)
		if err != nil {
			t.Skipf("this file system has no flags: %v", err)
		}
		if flags&syncFlag == 0 {
			t.Errorf("%s is written without sync", name)
		}
	}
}
