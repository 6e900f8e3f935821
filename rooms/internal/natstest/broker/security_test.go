package broker_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/rooms/internal/natstest"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
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
