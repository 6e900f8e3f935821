//go:build linux

package cluster

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
)

// natsd is the path of the program natsd, built once. It is the path of an open file that
// is in no folder any more, so nothing is left of it, however the test ends.
var natsd = sync.OnceValues(func() (path string, err error) {
	dir, err := os.MkdirTemp("", "natsd")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	overlay, err := writeOverlay(dir)
	if err != nil {
		return "", err
	}
	binary := filepath.Join(dir, "natsd")
	build := exec.Command("go", "build", "-tags", "skew", "-overlay", overlay,
		"-ldflags", "-s -w", "-o", binary,
		"github.com/beatrichartz/martini-sockets/rooms/internal/natstest/cluster/natsd")
	_, source, _, _ := runtime.Caller(0)
	build.Dir = filepath.Dir(source) // wherever the test was started
	build.Env = append(os.Environ(), "GOFLAGS=", "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build natsd: %w: %s", err, output)
	}
	file, err := os.Open(binary)
	if err != nil {
		return "", err
	}
	opened = file
	return fmt.Sprintf("/proc/self/fd/%d", opened.Fd()), nil
})

var opened *os.File // the program natsd, for ever

// sources has a result in the cache of go test depend on the program, too.
//
//go:embed natsd
var sources embed.FS

var _ = sources

// skew is added to package time of the program natsd. No library between a program and
// the kernel can set the clock of a Go program (libfaketime among them): Go asks the
// kernel's own page for the time, without libc, and a time namespace leaves the time of
// day alone.
const skew = `package time

import "sync/atomic"

var skew atomic.Int64

// SetSkew has Now show that much more than the clock does.
func SetSkew(by Duration) { skew.Store(int64(by)) }

func skewed(sec int64, nsec int32) (int64, int32) {
	by := skew.Load() + int64(nsec)
	sec += by / 1e9
	if by %= 1e9; by < 0 {
		sec, by = sec-1, by+1e9
	}
	return sec, int32(by)
}
`

// nowLine is the line of time.Now that asks for the time.
var nowLine = regexp.MustCompile(`\n\tsec, nsec, mono := \w+\(\)\n`)

// writeOverlay writes what go build -overlay takes, and returns its path.
func writeOverlay(dir string) (path string, err error) {
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOROOT: %w", err)
	}
	std := filepath.Join(strings.TrimSpace(string(root)), "src", "time")
	source, err := os.ReadFile(filepath.Join(std, "time.go"))
	if err != nil {
		return "", err
	}
	before, rest, found := strings.Cut(string(source), "\nfunc Now() Time {")
	at := nowLine.FindStringIndex(rest)
	if !found || at == nil {
		return "", errors.New("time.Now of " + runtime.Version() + " is not as expected")
	}
	changed := before + "\nfunc Now() Time {" + rest[:at[1]] +
		"\tsec, nsec = skewed(sec, nsec)\n" + rest[at[1]:]
	files := map[string]string{"time.go": changed, "skew.go": skew}
	replace := make(map[string]string)
	for name, text := range files {
		replace[filepath.Join(std, name)] = filepath.Join(dir, name)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path = filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, list, 0o600)
}
