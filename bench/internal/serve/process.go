package serve

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
)

// Command is the argument that makes the program a server: it calls Main with the rest.
const Command = "serve"

// Usage is what a server's process has used so far.
type Usage struct {
	CPU      time.Duration // user and system
	System   time.Duration // of that, in system calls
	Resident int64         // bytes; 0 if the system does not tell
	Allocs   int64         // objects
	Joined   int64         // clients that the next broadcast reaches
}

// Server is the driver's side of a server. One goroutine uses it.
type Server struct {
	Address string
	Usage   func(collect bool) (Usage, error) // with collect, once all garbage is gone
	Stop    func()                            // kills it, and returns when it is gone
}

// Start runs this same program as a server and returns when that listens. The process is
// killed when ctx ends. It also ends when the driver dies, because its input ends then.
func Start(ctx context.Context, kind string, smallBuffers bool) (s Server, err error) {
	self, err := os.Executable()
	ctx, kill := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, self, Command, kind, strconv.FormatBool(smallBuffers))
	cmd.Stderr = os.Stderr
	in, inErr := cmd.StdinPipe()
	out, outErr := cmd.StdoutPipe()
	if err := errors.Join(err, inErr, outErr, cmd.Start()); err != nil {
		kill()
		return s, err
	}
	ask, answers := json.NewEncoder(in), json.NewDecoder(out)
	s.Usage = func(collect bool) (u Usage, err error) {
		err = errors.Join(ask.Encode(collect), answers.Decode(&u))
		return u, err
	}
	s.Stop = func() {
		kill()
		_ = cmd.Wait() // says that it was killed
	}
	if err := answers.Decode(&s.Address); err != nil {
		s.Stop()
		return s, fmt.Errorf("serve: %s did not start: %w", kind, err)
	}
	return s, nil
}

// Main is the server's side of Start. It writes its address, and a Usage for each value
// that it reads, until there are no more.
func Main(args []string) error {
	addr, err := start(args[0], args[1] == "true")
	if err != nil {
		return err
	}
	answers, asked, collect := json.NewEncoder(os.Stdout), json.NewDecoder(os.Stdin), false
	err = answers.Encode(addr.String())
	for err == nil && asked.Decode(&collect) == nil {
		u, uerr := usage(collect)
		err = errors.Join(uerr, answers.Encode(u))
	}
	return err
}

// usage collects several times: a pool is empty after two collections, and each halves
// the stacks that have become too big.
func usage(collect bool) (u Usage, err error) {
	for n := 0; collect && n < 4; n++ {
		runtime.GC()
		debug.FreeOSMemory()
	}
	u.Joined = joined.Load()
	u.CPU, u.System, err = CPUTime()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u.Allocs = int64(m.Mallocs)
	statm, _ := os.ReadFile("/proc/self/statm") // only Linux has it
	if _, err := fmt.Sscan(string(statm), new(int), &u.Resident); err == nil {
		u.Resident *= int64(os.Getpagesize())
	}
	return u, err
}
