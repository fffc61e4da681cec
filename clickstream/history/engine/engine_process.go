package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
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
	cmd.WaitDelay = time.Second // for pipes that a grandchild keeps open
	ownGroup(cmd)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, stdin: stdin, ready: make(chan greeting, 1), exited: make(chan struct{}), last: &lastLines{}}
	outputs := []*lineWriter{{each: p.said(e.log)}, {each: p.said(e.log)}}
	cmd.Stdout, cmd.Stderr = outputs[0], outputs[1]
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lowerPriority(cmd.Process.Pid)
	go func() { // ends with the process
		p.err = cmd.Wait()
		for _, o := range outputs {
			o.flush()
		}
		close(p.exited)
	}()
	if _, err := stdin.Write(append(line, '\n')); err != nil {
		p.end(nil)
		return nil, p.words()
	}
	return p, nil
}

// said takes a line of the child.
func (p *process) said(log func(string)) func(line string) {
	return func(line string) {
		var hello greeting
		if said, ok := strings.CutPrefix(line, readyPrefix); ok && json.Unmarshal([]byte(said), &hello) == nil {
			select {
			case p.ready <- hello:
			default: // said before
			}
			return
		}
		p.last.add(line)
		log(line)
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
