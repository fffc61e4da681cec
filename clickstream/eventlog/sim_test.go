package eventlog

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// fault is what happens to one operation of a simFS.
type fault int

const (
	failOp   fault = iota // it is not done and fails with EIO
	fullOp                // it is not done and fails with ENOSPC; so do all writes until room says otherwise
	shortOp               // a write is done by half and says so; others fail with EIO
	cutPower              // a write is done by half; then the power is gone
)

var errPowerOff = errors.New("power is off")

// simFS is the real file system, without its syncs, that keeps account of what a disk could lose if the power were cut now: written sectors
// of files that were not synced, and names of a folder that was not.
type simFS struct {
	mu     sync.Mutex
	ops    int
	at     int // the operation that is faulted, 0 for none
	fault  fault
	hit    bool
	full   bool // writes that make a file longer find no room
	off    bool
	rng    *rand.Rand
	states map[string]*simState
	names  []func() error // undo changes of names that are not synced, oldest first
}

// simState is what a file's disk lacks: undo goes there with the next sync; lost, which a failed sync left behind, only when it is
// written again, although the system shows it meanwhile.
type simState struct {
	undo []simWrite
	lost []simWrite
}

type simWrite struct {
	pos     int64
	old     []byte
	oldSize int64
}

func newSim(at int, f fault, seed uint64) *simFS {
	return &simFS{at: at, fault: f, rng: rand.New(rand.NewPCG(seed, 1)), states: map[string]*simState{}}
}

// begin counts an operation. It returns the error that the operation must return, and half if it must be done by half first.
func (s *simFS) begin(write bool) (half bool, err error) {
	if s.off {
		return false, errPowerOff
	}
	s.ops++
	if s.ops != s.at {
		return false, nil
	}
	s.hit = true
	switch s.fault {
	case failOp:
		return false, syscall.EIO
	case fullOp:
		s.full = write
		return false, syscall.ENOSPC
	case shortOp:
		if write {
			return true, nil
		}
		return false, syscall.EIO
	}
	s.off = true
	return write, errPowerOff
}

func (s *simFS) state(name string) *simState {
	st := s.states[name]
	if st == nil {
		st = &simState{}
		s.states[name] = st
	}
	return st
}

func (s *simFS) OpenFile(name string, flag int) (File, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.off {
		return nil, errPowerOff
	}
	if flag&os.O_CREATE != 0 {
		if _, err := s.begin(false); err != nil {
			return nil, err
		}
		if flag&os.O_TRUNC != 0 {
			os.Remove(name) // files are never truncated by opening once they count
			delete(s.states, name)
		}
		s.names = append(s.names, func() error { return os.Remove(name) })
	}
	f, err := os.OpenFile(name, flag, 0o600)
	if err != nil {
		return nil, err
	}
	return &simFile{s, f, s.state(name)}, nil
}

func (s *simFS) Rename(from, to string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.begin(false); err != nil {
		return err
	}
	old, err := os.ReadFile(to)
	replaced := err == nil
	if err := os.Rename(from, to); err != nil {
		return err
	}
	s.states[to] = s.state(from)
	delete(s.states, from)
	s.names = append(s.names, func() error {
		err := os.Rename(to, from)
		if err == nil && replaced {
			err = os.WriteFile(to, old, 0o600)
		}
		return err
	})
	return nil
}

func (s *simFS) Remove(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.begin(false); err != nil {
		return err
	}
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	s.names = append(s.names, func() error { return os.WriteFile(name, old, 0o600) })
	delete(s.states, name)
	return os.Remove(name)
}

func (s *simFS) Link(from, to string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.begin(false); err != nil {
		return err
	}
	return os.Link(from, to)
}

func (s *simFS) SyncDir(string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.begin(false); err != nil {
		return err
	}
	s.names = nil
	return nil
}

// lose ends the simulation as a power cut does: of what was not synced any sectors are lost, and the last changes of names.
func (s *simFS) lose(dir string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.off = true
	for name, st := range s.states {
		if err := st.lose(name, s.rng); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	keep := s.rng.IntN(len(s.names) + 1)
	for i := len(s.names) - 1; i >= keep; i-- {
		if err := s.names[i](); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	_, err := os.Stat(filepath.Dir(dir))
	return err
}

func (st *simState) lose(name string, rng *rand.Rand) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	all := rng.IntN(3) == 0 || len(st.lost) > 0 // a third of the time nothing of it reached the disk
	undo := append(st.lost, st.undo...)
	for i := len(undo) - 1; i >= 0; i-- {
		w := undo[i]
		const sector = 512
		for from := w.pos; from < w.pos+int64(len(w.old)); {
			to := min((from/sector+1)*sector, w.pos+int64(len(w.old)))
			if all || rng.IntN(2) == 0 {
				if _, err := f.WriteAt(w.old[from-w.pos:to-w.pos], from); err != nil {
					return err
				}
			}
			from = to
		}
		if info, err := f.Stat(); err == nil && all && info.Size() > w.oldSize {
			if err := f.Truncate(w.oldSize); err != nil {
				return err
			}
		}
	}
	return nil
}

type simFile struct {
	fs *simFS
	f  *os.File
	st *simState
}

func (f *simFile) ReadAt(b []byte, at int64) (int, error) { return f.f.ReadAt(b, at) }
func (f *simFile) Close() error                           { return f.f.Close() }

// note keeps what is at pos before it changes, zeros where there is nothing.
func (f *simFile) note(pos, n int64) (size int64, err error) {
	info, err := f.f.Stat()
	if err != nil {
		return 0, err
	}
	old := make([]byte, n)
	if _, err := f.f.ReadAt(old, pos); err != nil && !errors.Is(err, io.EOF) {
		return 0, err
	}
	var still []simWrite
	for _, w := range f.st.lost { // what is written again is dirty again, page by page
		const page = 4096
		if pos/page*page < w.pos+int64(len(w.old)) && w.pos < (pos+n+page-1)/page*page {
			f.st.undo = append(f.st.undo, w)
		} else {
			still = append(still, w)
		}
	}
	f.st.lost = still
	f.st.undo = append(f.st.undo, simWrite{pos, old, info.Size()})
	return info.Size(), nil
}

func (f *simFile) WriteAt(b []byte, at int64) (int, error) {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	half, fail := f.fs.begin(true)
	if half {
		b = b[:len(b)/2]
	} else if fail != nil {
		return 0, fail
	}
	size, err := f.note(at, int64(len(b)))
	if err != nil {
		return 0, err
	}
	if room := max(0, size-at); f.fs.full && int64(len(b)) > room {
		n, _ := f.f.WriteAt(b[:room], at)
		return n, syscall.ENOSPC
	}
	n, err := f.f.WriteAt(b, at)
	if fail != nil {
		err = fail
	}
	return n, err
}

func (f *simFile) Truncate(size int64) error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if _, err := f.fs.begin(false); err != nil {
		return err
	}
	info, err := f.f.Stat()
	if err != nil {
		return err
	}
	if _, err := f.note(size, max(0, info.Size()-size)); err != nil {
		return err
	}
	return f.f.Truncate(size)
}

func (f *simFile) Sync() error {
	f.fs.mu.Lock()
	defer f.fs.mu.Unlock()
	if _, err := f.fs.begin(false); err != nil {
		f.st.lost = append(f.st.lost, f.st.undo...)
		f.st.undo = nil
		return err
	}
	f.st.undo = nil
	return nil
}
