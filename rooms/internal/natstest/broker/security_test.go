package broker_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/beatrichartz/martini-sockets/rooms/natsrooms"
)

// A process that may publish and subscribe to its prefix alone has all that rooms need; a
// subscription that the server refuses is an error, and no deaf room.
func TestPermissions(t *testing.T) {
	s := natstest.NewServer(t, func(o *server.Options) {
		o.Users = []*server.User{
			{Username: "chat", Password: "secret", Permissions: &server.Permissions{
				Publish:   &server.SubjectPermission{Allow: []string{"rooms.*"}},
				Subscribe: &server.SubjectPermission{Allow: []string{"rooms.*"}},
			}},
			{Username: "mute", Password: "secret", Permissions: &server.Permissions{
				Subscribe: &server.SubjectPermission{Deny: []string{"rooms.*"}},
			}},
		}
	})
	here := newBroker(t, s, nats.UserInfo("chat", "secret"))
	there := newBroker(t, s, nats.UserInfo("chat", "secret"))
	got := make(chan string, 1)
	subscribe(t, there, func(data []byte, _ error) { got <- string(data) })
	if err := here.Publish("room", []byte("x")); err != nil {
		t.Errorf("Publish = %v, want no error", err)
	}
	if msg := <-got; msg != "x" {
		t.Errorf("received %q, want x", msg)
	}
	mute := newBroker(t, s, nats.UserInfo("mute", "secret"))
	for range 2 { // refused, and so neither there nor in the way
		if err := mute.Subscribe("room", ignore); !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("Subscribe without the permission = %v, want %v",
				err, nats.ErrPermissionViolation)
		}
	}
}

// users are one that may do all, and one that may only do what permissions say.
func users(permissions *server.Permissions) []*server.User {
	return []*server.User{
		{Username: "all", Password: "secret"},
		{Username: "chat", Password: "secret", Permissions: permissions},
	}
}

// denied takes the rights to a pattern away, and none if it is empty.
func denied(pattern string) *server.Permissions {
	return &server.Permissions{
		Subscribe: &server.SubjectPermission{Deny: []string{pattern}},
		Publish:   &server.SubjectPermission{Deny: []string{pattern}},
	}
}

// Contract 10.9: each of many subscriptions at once that the server refuses is an error.
func TestManyRefused(t *testing.T) {
	s := natstest.NewServer(t, func(o *server.Options) { o.Users = users(denied("rooms.*")) })
	var handled atomic.Int64
	b := newBroker(t, s, nats.UserInfo("chat", "secret"),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) { handled.Add(1) }))
	const many = 200
	var refused atomic.Int64
	var wg sync.WaitGroup
	for i := range many {
		wg.Go(func() {
			err := b.Subscribe(fmt.Sprint("room ", i), ignore)
			if errors.Is(err, nats.ErrPermissionViolation) &&
				strings.Contains(err.Error(), subject(fmt.Sprint("room ", i))) {
				refused.Add(1)
			}
		})
	}
	wg.Wait()
	if got := refused.Load(); got != many {
		t.Errorf("%d of %d subscriptions returned the server's error, want all", got, many)
	}
	natstest.Eventually(t, "the program's handler is called as well", func() bool {
		return handled.Load() == many
	})
}

// Contract 10.9: a subscription that is too many is an error, and the others hear.
func TestTooManySubscriptions(t *testing.T) {
	s := natstest.NewServer(t, func(o *server.Options) { o.MaxSubs = 10 })
	b := newBroker(t, s)
	var heard atomic.Int64
	receive := func(_ []byte, lost error) {
		if lost == nil {
			heard.Add(1)
		}
	}
	for i := range 15 {
		err := b.Subscribe(fmt.Sprint(i), receive)
		if want := i >= 10; errors.Is(err, nats.ErrMaxSubscriptionsExceeded) != want {
			t.Errorf("Subscribe %d = %v, too many %v", i, err, want)
		}
	}
	if err := b.Unsubscribe("0"); err != nil {
		t.Errorf("Unsubscribe = %v, want no error", err)
	}
	if err := b.Subscribe("again", receive); err != nil {
		t.Errorf("Subscribe after Unsubscribe = %v, want no error", err)
	}
	publisher := newBroker(t, s)
	for i := 1; i < 10; i++ {
		if err := publisher.Publish(fmt.Sprint(i), []byte("x")); err != nil {
			t.Errorf("Publish = %v, want no error", err)
		}
	}
	natstest.Eventually(t, "all hear", func() bool { return heard.Load() == 9 })
}

// Contract 10.9: rights that are taken away are told to the rooms, and those that are
// given back leave none of them deaf.
func TestRightsTakenAway(t *testing.T) {
	s := natstest.NewServer(t, func(o *server.Options) { o.Users = users(nil) })
	b := newBroker(t, s, nats.UserInfo("chat", "secret"))
	const many = 20
	var heard, refused, outages [many]atomic.Int64
	for i := range many {
		err := b.Subscribe(fmt.Sprint(i), func(_ []byte, lost error) {
			switch {
			case errors.Is(lost, nats.ErrPermissionViolation):
				refused[i].Add(1)
			case errors.Is(lost, natsrooms.ErrOutage):
				outages[i].Add(1)
			case lost == nil:
				heard[i].Add(1)
			}
		})
		if err != nil {
			t.Fatalf("Subscribe = %v, want no error", err)
		}
	}
	s.Reload(t, func(o *server.Options) { o.Users = users(denied("rooms.*")) })
	publisher := newBroker(t, s, nats.UserInfo("all", "secret"))
	for i := range many {
		natstest.Eventually(t, "the room is told that it hears nothing", func() bool {
			return refused[i].Load() == 1
		})
	}
	natstest.Eventually(t, "a publisher is told", func() bool {
		return errors.Is(b.Publish("0", []byte("x")), nats.ErrPermissionViolation)
	})
	s.Reload(t, func(o *server.Options) { o.Users = users(nil) })
	for i := range many {
		natstest.Eventually(t, "the room is told that it hears again", func() bool {
			return outages[i].Load() > 0
		})
		before := heard[i].Load()
		natstest.Eventually(t, "the room hears", func() bool {
			return publisher.Publish(fmt.Sprint(i), []byte("x")) == nil && heard[i].Load() > before
		})
	}
}

// Recommended goes with TLS.
func TestTLS(t *testing.T) {
	certificate, roots := selfSigned(t)
	s := natstest.NewServer(t, func(o *server.Options) {
		o.TLSTimeout = 10
		o.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
	})
	secure := nats.Secure(&tls.Config{RootCAs: roots})
	here, there := newBroker(t, s, secure), newBroker(t, s, secure)
	got := make(chan string, 1)
	subscribe(t, there, func(data []byte, _ error) { got <- string(data) })
	if err := here.Publish("room", []byte("x")); err != nil {
		t.Errorf("Publish = %v, want no error", err)
	}
	if msg := <-got; msg != "x" {
		t.Errorf("received %q, want x", msg)
	}
}

// selfSigned makes a certificate for 127.0.0.1, and the roots that trust it.
func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("GenerateKey = %v, want no error", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		NotAfter:     time.Now().Add(time.Hour),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA:         true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatalf("CreateCertificate = %v, want no error", err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatalf("ParseCertificate = %v, want no error", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
