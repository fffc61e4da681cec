package engine

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// A process is one child, from its start to its end.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	ready  chan greeting // once
	exited chan struct{} // closed after the end; err is set before
	err    error
	last   *lastLines
}

// spawn starts a child and waits until it answers, dies or ctx ends.
func (e *Engine) spawn(ctx context.Context) (*process, error) {
	p, err := e.begin()
	if err != nil {
		return nil, err
	}
	select {
	case hello := <-p.ready:
		e.answers(p.cmd.Process.Pid, hello)
		return p, nil
	case <-p.exited:
		return nil, p.words()
	case <-ctx.Done():
		_ = p.cmd.Process.Kill() // an error means that it has ended
		<-p.exited
		return nil, fmt.Errorf("no answer: %w; %w", ctx.Err(), p.words())
	case <-e.stopping:
		p.end(e.kill)
		return nil, errClosed
	}
}

var errClosed = errors.New("closed")

// begin starts the process and hands it its configuration.
func (e *Engine) begin() (*process, error) {
	e.mu.Lock()
	cfg := e.child
	e.mu.Unlock()
	line, err := json.Marshal(cfg)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(e.cfg.Command[0], e.cfg.Command[1:]...)
	env := e.cfg.Env
	if env == nil {
		env = os.Environ()
	}
	// TZ is ClickHouse's own time zone, so that times are the same on every machine.
	cmd.Env = append(env[:len(env):len(env)], "TZ=UTC", allocatorVariable)
	cmd.WaitDelay = time.Second // pipes that a grandchild would keep open
	ownGroup(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, stdin: stdin, ready: make(chan greeting, 1), exited: make(chan struct{}), last: &lastLines{}}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lowerPriority(cmd.Process.Pid)
	var readers sync.WaitGroup
	readers.Go(func() { e.readLines(stdout, p) })
	readers.Go(func() { e.readLines(stderr, p) })
	go func() { // ends with the process
		readers.Wait()
		p.err = cmd.Wait()
		close(p.exited)
	}()
	if _, err := stdin.Write(append(line, '\n')); err != nil {
		p.end(nil)
		return nil, p.words()
	}
	return p, nil
}

// readLines reads one of the child's outputs to its end. A line longer than the buffer is taken as several.
func (e *Engine) readLines(r io.Reader, p *process) {
	lines := bufio.NewReaderSize(r, 8<<10)
	for {
		raw, _, err := lines.ReadLine()
		if err != nil {
			return
		}
		line := strings.TrimRight(string(raw), " ")
		var hello greeting
		if said, ok := strings.CutPrefix(line, readyPrefix); ok && json.Unmarshal([]byte(said), &hello) == nil {
			select {
			case p.ready <- hello:
			default: // said before
			}
		} else if line != "" {
			p.last.add(line)
			e.log(line)
		}
	}
}

// end closes the child's standard input and waits for its end; it is killed when kill is closed, or after endHard and a second.
func (p *process) end(kill <-chan struct{}) {
	_ = p.stdin.Close()
	late := time.NewTimer(endHard + time.Second)
	defer late.Stop()
	select {
	case <-p.exited:
		return
	case <-kill:
	case <-late.C:
	}
	_ = p.cmd.Process.Kill() // an error means that it has ended
	<-p.exited
}

// words says how the process ended. Only after exited.
func (p *process) words() error {
	how := "exit status 0"
	if p.err != nil {
		how = p.err.Error()
	}
	if said := p.last.text(); said != "" {
		return fmt.Errorf("the child ended (%s): %s", how, said)
	}
	return fmt.Errorf("the child ended (%s)", how)
}
