package docs_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets/internal/wstest"
)

// proxy is a program of Debian's, and what has to differ from its block in a test: there
// are sockets in a folder instead of ports, or ports of an address of this process.
type proxy struct {
	language string
	program  string
	config   func(dir, block string) string // the whole configuration
	command  func(dir string) []string
	tcp      bool // it listens on address, because it knows no sockets in folders
}

// address belongs to this process: the first free one would belong to all, with its ports.
var address = fmt.Sprintf("127.%d.%d.1", 1+os.Getpid()>>8%250, os.Getpid()%256)

var listens = regexp.MustCompile(`(listen |bind :)(\d+)`)

var proxies = []proxy{
	{
		language: "nginx",
		program:  "nginx",
		config: func(dir, block string) string {
			paths := ""
			for _, what := range strings.Fields("client_body proxy fastcgi uwsgi scgi") {
				paths += what + "_temp_path " + dir + "/" + what + ";\n"
			}
			block = listens.ReplaceAllString(block, "listen unix:"+dir+"/$2")
			return "pid " + dir + "/pid; events {}\nhttp {\naccess_log off;\n" + paths + block + "}\n"
		},
		command: func(dir string) []string {
			return []string{"-p", dir, "-c", dir + "/config", "-e", "stderr",
				"-g", "daemon off; master_process off;"}
		},
	},
	{
		language: "haproxy",
		program:  "haproxy",
		config: func(dir, block string) string {
			block = strings.Replace(block, "maxconn 20000", "maxconn 20", 1) // fewer files
			return listens.ReplaceAllString(block, "bind unix@"+dir+"/$2")
		},
		command: func(dir string) []string { return []string{"-db", "-f", dir + "/config"} },
	},
	{
		language: "apache",
		program:  "apache2",
		tcp:      true,
		config: func(dir, block string) string {
			text := "PidFile " + dir + "/pid\nErrorLog /dev/stderr\nServerName localhost\n"
			for _, name := range strings.Fields("mpm_event authz_core alias ssl proxy proxy_http") {
				text += fmt.Sprintf("LoadModule %s_module %s/mod_%[1]s.so\n", name, modules)
			}
			for _, port := range []string{"443", "80"} {
				text += "Listen " + address + ":8" + port + "\n"
				block = strings.Replace(block, "*:"+port, address+":8"+port, 1)
			}
			return text + block
		},
		command: func(dir string) []string { return []string{"-DFOREGROUND", "-f", dir + "/config"} },
	},
}

// modules is where Debian has those of Apache.
const modules = "/usr/lib/apache2/modules"

// running is a proxy that was started.
type running struct {
	proxy
	dir   string          // with its sockets, which are named by the ports of the block
	roots *x509.CertPool  // trust its certificate
	ended context.Context // its cause says how the program ended
}

// start runs a proxy before server for one test, with its block changed by edit.
func (p proxy) start(t *testing.T, server *wstest.Server, edit *strings.Replacer) running {
	t.Helper()
	program, err := exec.LookPath(p.program)
	if err != nil {
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "proxy") // t.TempDir is too long for a socket's name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	roots := certificate(t, dir)
	text := p.config(dir, edit.Replace(block(t, p.language)))
	text = strings.NewReplacer("127.0.0.1:3000", server.Host, "/etc/ssl/chat/", dir+"/").Replace(text)
	if err := os.WriteFile(filepath.Join(dir, "config"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return running{p, dir, roots, run(t, program, p.command(dir)...)}
}

// run starts a program and ends it after the test. If the test cannot, the program ends
// after a minute all the same.
func run(t *testing.T, program string, arguments ...string) context.Context {
	t.Helper()
	var output bytes.Buffer
	cmd := exec.Command("timeout", append([]string{"-k", "5", "60", program}, arguments...)...)
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.WaitDelay = 5 * time.Second // a worker of Apache may outlive it, and hold the output
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	ended, end := context.WithCancelCause(context.Background())
	go func() { // ends with the program
		err := cmd.Wait()
		end(fmt.Errorf("%s ended: %v\n%s", program, err, output.String()))
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // which timeout passes on
		<-ended.Done()
		if t.Failed() {
			t.Log(context.Cause(ended))
		}
	})
	return ended
}

// dial returns a way to connect to one of the sockets, as soon as the proxy has made it.
func (r running) dial(port string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		for {
			network, to := "unix", filepath.Join(r.dir, port)
			if r.tcp {
				network, to = "tcp", net.JoinHostPort(address, "8"+port)
			}
			conn, err := new(net.Dialer).DialContext(ctx, network, to)
			switch {
			case err == nil || ctx.Err() != nil:
				return conn, err
			case r.ended.Err() != nil:
				return nil, context.Cause(r.ended)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
}
