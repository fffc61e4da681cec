//go:build linux || darwin

package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// lockWait is how long a child waits for its predecessor, which may still be ending.
const lockWait = 10 * time.Second

// lockFolder makes the folder and locks it for this process. The lock ends with the process, however it ends.
func lockFolder(ctx context.Context, dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("ClickHouse data folder: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	f, err := lockFile(ctx, filepath.Join(dir, "engine.lock"), func() {
		fmt.Fprintf(os.Stderr, "the ClickHouse data in %s is in use by another process: waiting for its end\n", dir)
	})
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("the ClickHouse data in %s is in use by another process", dir)
	}
	return f, err
}

// lockFile waits until the file, made if need be, is locked for this process alone. It calls waiting once if it has to.
func lockFile(ctx context.Context, name string, waiting func()) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			_ = f.Close()
			return nil, fmt.Errorf("lock %s: %w", name, err)
		}
		if try == 1 {
			waiting()
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, fmt.Errorf("lock %s: %w", name, ctx.Err())
		case <-time.After(20 * time.Millisecond): // the kernel tells nobody when a lock is free again, short of a waiting thread
		}
	}
}

// freeBytes is what a process may still write to the disk of a folder.
func freeBytes(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}

// yieldToTheShop makes the engine the first to go when the machine runs out of memory. Where that cannot be said it stays as it is.
func yieldToTheShop() {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("500"), 0)
}
