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
	"time"
)

// Command is the argument that makes the program a server: it calls Main with the next.
const Command = "serve"

// Usage is what a server's process has used so far.
type Usage struct {
	CPU       time.Duration // user and system
	System    time.Duration // of that, in system calls
	Resident  int64         // bytes; 0 if the system does not tell
	Allocs    int64         // objects allocated since the start
	Allocated int64         // bytes allocated since the start
	Joined    int64         // clients that the next broadcast reaches
}

// Process is the driver's side of a server. One goroutine uses it.
type Process struct {
	addr    string
	cmd     *exec.Cmd
	kill    context.CancelFunc
	ask     *json.Encoder
	answers *json.Decoder
}

// Start runs this same program as a server and returns when that listens. When ctx ends,
// the process is killed. It also ends with the driver, however that dies: what it reads
// ends.
func Start(ctx context.Context, o Options) (*Process, error) {
	self, err := os.Executable()
	options, _ := json.Marshal(o) // a struct of strings and numbers
	ctx, kill := context.WithCancel(ctx)
	cmd := exec.CommandContext(ctx, self, Command, string(options))
	cmd.Stderr = os.Stderr
	in, inErr := cmd.StdinPipe()
	out, outErr := cmd.StdoutPipe()
	if err := errors.Join(err, inErr, outErr, cmd.Start()); err != nil {
		kill()
		return nil, err
	}
	p := &Process{cmd: cmd, kill: kill, ask: json.NewEncoder(in), answers: json.NewDecoder(out)}
	if err := p.answers.Decode(&p.addr); err != nil {
		p.Stop()
		return nil, fmt.Errorf("serve: %s did not start: %w", o.Kind, err)
	}
	return p, nil
}

// Address is where clients go.
func (p *Process) Address() string { return p.addr }

// Usage asks what the server has used so far; with collect, once all garbage is gone.
func (p *Process) Usage(collect bool) (u Usage, err error) {
	err = errors.Join(p.ask.Encode(collect), p.answers.Decode(&u))
	return u, err
}

// Stop kills the server, and returns when it is gone.
func (p *Process) Stop() {
	p.kill()
	_ = p.cmd.Wait() // says that it was killed
}

// Main is the server's side of Start. It writes its address, and a Usage for each value
// that it reads, until there are no more.
func Main(options string) error {
	var o Options
	if err := json.Unmarshal([]byte(options), &o); err != nil {
		return err
	}
	addr, err := start(o)
	if err != nil {
		return err
	}
	answers, asked, collect := json.NewEncoder(os.Stdout), json.NewDecoder(os.Stdin), false
	err = answers.Encode(addr.String())
	for err == nil && asked.Decode(&collect) == nil {
		u, uerr := usage(collect)
		u.Joined = joined.Load()
		err = errors.Join(uerr, answers.Encode(u))
	}
	return err
}

// usage stops the world for some microseconds, to read the allocations. It collects
// several times: a pool is empty after two collections, and each halves the stacks that
// have become too big.
func usage(collect bool) (u Usage, err error) {
	for n := 0; collect && n < 4; n++ {
		runtime.GC()
		debug.FreeOSMemory()
	}
	u.CPU, u.System, err = CPUTime()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u.Allocs, u.Allocated = int64(m.Mallocs), int64(m.TotalAlloc)
	statm, _ := os.ReadFile("/proc/self/statm") // only Linux has it
	if _, err := fmt.Sscan(string(statm), new(int), &u.Resident); err == nil {
		u.Resident *= int64(os.Getpagesize())
	}
	return u, err
}
