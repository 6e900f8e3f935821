// Package proc runs each server in a process of its own, so that its CPU time and its
// memory are its own.
package proc

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/serve"
)

// Command is the argument that makes a program a server; Serve is what the program then
// calls.
const Command = "serve"

// Server is a server's process. Its methods may be called from many goroutines, Stop
// once.
type Server struct {
	addr    string // where clients go
	control string
	cmd     *exec.Cmd
	alive   io.Closer // the server ends when this is closed, or when the driver dies
}

// Start runs this same program as a server and returns when that listens. When ctx ends,
// the process is killed.
func Start(ctx context.Context, o serve.Options) (*Server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self,
		Command, o.Kind, strconv.Itoa(o.SendBuffer), strconv.FormatBool(o.Profile))
	cmd.Stderr = os.Stderr
	alive, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{cmd: cmd, alive: alive}
	if _, err := fmt.Fscanln(bufio.NewReader(out), &s.addr, &s.control); err != nil {
		s.Stop()
		return nil, fmt.Errorf("proc: server %s did not start: %w", o.Kind, err)
	}
	return s, nil
}

// Serve is the server's side of Start: args are what follows Command.
func Serve(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("proc: %d arguments, want 3", len(args))
	}
	size, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	o := serve.Options{Kind: args[0], SendBuffer: size, Profile: args[2] == "true"}
	return serve.Run(o, os.Stdin, os.Stdout)
}

// Stop asks the server to end, kills it after two seconds, and returns when it is gone.
func (s *Server) Stop() {
	s.alive.Close()
	kill := time.AfterFunc(2*time.Second, func() { _ = s.cmd.Process.Kill() })
	defer kill.Stop()
	_ = s.cmd.Wait() // how it ended tells nothing: it was told to
}

// Address is where clients go.
func (s *Server) Address() string { return s.addr }

// Usage asks what the server has used so far.
func (s *Server) Usage(ctx context.Context) (serve.Usage, error) {
	return s.ask(ctx, serve.UsagePath)
}

// Collect makes the server give all garbage back to the system, and then asks the same.
func (s *Server) Collect(ctx context.Context) (serve.Usage, error) {
	return s.ask(ctx, serve.CollectPath)
}

func (s *Server) ask(ctx context.Context, path string) (u serve.Usage, err error) {
	err = s.get(ctx, path, func(body io.Reader) error { return json.NewDecoder(body).Decode(&u) })
	return u, err
}

// Profile writes a CPU profile of the next so many seconds to w. The server must run with
// Options.Profile.
func (s *Server) Profile(ctx context.Context, seconds int, w io.Writer) error {
	path := fmt.Sprintf("%s?seconds=%d", serve.ProfilePath, seconds)
	return s.get(ctx, path, func(body io.Reader) error {
		_, err := io.Copy(w, body)
		return err
	})
}

// AwaitJoined returns when n clients would be reached by a broadcast, or with an error
// after a minute.
func (s *Server) AwaitJoined(ctx context.Context, n int) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		u, err := s.Usage(ctx)
		if err != nil {
			return fmt.Errorf("proc: waiting for %d clients to join, %d did: %w", n, u.Joined, err)
		}
		if u.Joined == int64(n) {
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (s *Server) get(ctx context.Context, path string, read func(io.Reader) error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.control+path, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("proc: %s: %s", path, res.Status)
	}
	return read(res.Body)
}
