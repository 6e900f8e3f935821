// Package natsd starts a NATS server inside a program, for trying things out.
package natsd

import (
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Start starts a server with JetStream that only this machine can reach, with its files in
// a folder. Port -1 is any free one. The server listens when Start returns; stop ends it.
func Start(port int, files string) (url string, stop func(), err error) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: port,
		JetStream: true, StoreDir: files, NoSigs: true, NoLog: true})
	if err != nil {
		return "", nil, err
	}
	s.Start()
	stop = func() { s.Shutdown(); s.WaitForShutdown() }
	if !s.ReadyForConnections(10 * time.Second) {
		stop()
		return "", nil, fmt.Errorf("no NATS server at port %d: is it taken?", port)
	}
	return s.ClientURL(), stop, nil
}
