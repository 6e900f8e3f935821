//go:build linux

// Package child starts processes that end with the one that starts them, even if that
// is killed.
package child

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// threads has one thread start all processes: the kernel ends them when the thread ends
// that started them, and this one never does.
var threads = sync.OnceValue(func() chan func() {
	work := make(chan func())
	go func() { // ends with the process
		runtime.LockOSThread()
		for do := range work {
			do()
		}
	}()
	return work
})

// Start is cmd.Start for a process that ends with this one.
func Start(cmd *exec.Cmd) (err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	done := make(chan struct{})
	threads() <- func() { err = cmd.Start(); close(done) }
	<-done
	return err
}
