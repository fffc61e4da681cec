package eventlog

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"syscall"
	"testing"

	"beckon/clickstream/record"
)

// fullFS has room for so many bytes beyond what files have.
type fullFS struct {
	osFS
	mu   sync.Mutex
	room int64 // negative: no bound
}

type fullFile struct {
	File
	fs   *fullFS
	mu   sync.Mutex
	size int64
}

func (f *fullFS) OpenFile(name string, flag int) (File, error) {
	file, err := f.osFS.OpenFile(name, flag)
	if err != nil {
		return nil, err
	}
	info, err := file.(osFile).Stat()
	if err != nil {
		return nil, err
	}
	return &fullFile{File: file, fs: f, size: info.Size()}, nil
}

func (f *fullFile) WriteAt(b []byte, at int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	more := max(0, at+int64(len(b))-f.size)
	if f.fs.room >= 0 && more > f.fs.room {
		n, err := f.File.WriteAt(b[:int64(len(b))-more+f.fs.room], at)
		f.size = max(f.size, at+int64(n))
		f.fs.room = 0
		if err == nil {
			err = syscall.ENOSPC
		}
		return n, err
	}
	n, err := f.File.WriteAt(b, at)
	if f.fs.room >= 0 {
		f.fs.room -= more
	}
	f.size = max(f.size, at+int64(n))
	return n, err
}

func (f *fullFile) Truncate(size int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if f.fs.room >= 0 {
		f.fs.room += f.size - size
	}
	f.size = size
	return f.File.Truncate(size)
}

func (f *fullFS) set(room int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.room = room
}

func TestFullDiskRefusesAndRecovers(t *testing.T) {
	for _, crash := range []bool{false, true} {
		t.Run(fmt.Sprint("crash=", crash), func(t *testing.T) {
			fs := &fullFS{room: 150 << 10}
			cfg := small(t.TempDir(), 2)
			cfg.FS = fs
			l := open(t, cfg)
			want := make([][]string, 2)
			refused := 0
			for round := range 3 {
				for i := range 400 {
					p := fmt.Sprintf("%d %d %s", round, i, strings.Repeat("z", 700))
					_, err := l.Append(t.Context(), []record.Append{packed(0, p), packed(1, p, p+"!")})
					var full *FullError
					if errors.As(err, &full) && errors.Is(err, syscall.ENOSPC) {
						refused++
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					want[0] = append(want[0], p)
					want[1] = append(want[1], p, p+"!")
				}
				if refused == 0 {
					t.Fatalf("round %d: the disk is not full", round)
				}
				compare(t, l, want) // what was acknowledged can be read all the time
				if crash {
					abandon(t, l)
					l = open(t, cfg)
					compare(t, l, want) // and what was refused is not there
				}
				refused = 0
				fs.set(200 << 10)
			}
			fs.set(-1)
			for i := range 2 { // the first may meet a failure of the time without room
				if _, err := l.Append(t.Context(), []record.Append{packed(0, "room"), packed(1, "again")}); err == nil {
					break
				} else if i == 1 {
					t.Fatalf("there is room again: %v", err)
				}
			}
			want[0], want[1] = append(want[0], "room"), append(want[1], "again")
			compare(t, l, want)
			if !crash && l.Stats().Full == 0 || l.Err() != nil {
				t.Errorf("stats %+v, err %v", l.Stats(), l.Err())
			}
			l.Close()
			compare(t, open(t, cfg), want)
		})
	}
}
