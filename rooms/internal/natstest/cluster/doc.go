// Package cluster runs a cluster of three nats-servers for tests, as processes of their
// own: they can be killed, paused and set back, their clocks and disks are their own, and
// all that goes between two of them, or to a client, goes through a proxy of package
// natstest, which breaks it.
//
// The servers listen on ports of 127.0.0.1 that the system chooses. They end with the
// test, even if the test is killed. It needs Linux.
package cluster
