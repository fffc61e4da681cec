//go:build unix

package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockWait is how long a child waits for its predecessor, which may still be ending.
const lockWait = 10 * time.Second

// lockFolder makes the folder and locks it for this process. The lock ends with the process, however it ends.
func lockFolder(ctx context.Context, dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("ClickHouse data folder: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "engine.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("ClickHouse data folder: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			_ = f.Close()
			return nil, fmt.Errorf("lock the ClickHouse data in %s: %w", dir, err)
		}
		select {
		case <-ctx.Done():
			_ = f.Close()
			return nil, fmt.Errorf("the ClickHouse data in %s is in use by another process", dir)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// yieldToTheShop makes the engine the first to go when the machine runs out of memory. Where that cannot be said it stays as it is.
func yieldToTheShop() {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("500"), 0)
}
