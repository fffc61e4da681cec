package engine

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// syncFlag is chattr's S: what is written to the file is on disk when the write returns; files made in the folder take it over.
const syncFlag = 0x8

// syncTokenLogs makes the tables' notes of insert tokens durable as they are written. ClickHouse writes a token, renames the part
// into place and syncs the part, but never the token: when power is lost soon after, the rows are there and the token is not, and the
// writer's retry would double them. With the flag (ext4, xfs, btrfs; 0.2 ms an insert) the token is on disk first. A file system
// without it stays as ClickHouse has it.
func syncTokenLogs(dir string) {
	folders, err := filepath.Glob(filepath.Join(escapeGlob(dir), "store", "*", "*", "deduplication_logs"))
	if err != nil {
		return
	}
	for _, folder := range folders {
		setSyncFlag(folder)
		files, err := os.ReadDir(folder)
		if err != nil {
			continue // dropped meanwhile
		}
		for _, f := range files {
			setSyncFlag(filepath.Join(folder, f.Name()))
		}
	}
}

func setSyncFlag(name string) {
	f, err := os.Open(name)
	if err != nil {
		return
	}
	defer f.Close()
	flags, err := unix.IoctlGetUint32(int(f.Fd()), unix.FS_IOC_GETFLAGS)
	if err == nil && flags&syncFlag == 0 {
		_ = unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, int(flags|syncFlag))
	}
}
