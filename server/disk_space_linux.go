package main

import "syscall"

// diskSpace is what a folder's disk has for us, bytes.
func diskSpace(folder string) (free, total int64, ok bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, 0, false
	}
	return int64(s.Bavail) * s.Bsize, int64(s.Blocks) * s.Bsize, true
}
