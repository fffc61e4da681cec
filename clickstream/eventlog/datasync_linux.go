package eventlog

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// datasync is fdatasync, again when a signal interrupts it.
func datasync(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if !errors.Is(err, unix.EINTR) {
			return os.NewSyscallError("fdatasync", err)
		}
	}
}
