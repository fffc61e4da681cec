//go:build unix

package engine

import (
	"os/exec"
	"syscall"
)

// ownGroup keeps a terminal's ^C from the child: it ends after the product has written what it still has.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// lowerPriority makes the child nice, all its threads, so that merges do not slow a shopper's event. If it is refused nothing is lost.
func lowerPriority(pid int) { _ = syscall.Setpriority(syscall.PRIO_PGRP, pid, 5) }
