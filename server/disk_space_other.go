//go:build !linux

package main

// diskSpace is not known here.
func diskSpace(string) (free, total int64, ok bool) { return 0, 0, false }
