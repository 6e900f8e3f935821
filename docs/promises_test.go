package docs_test

import (
	"go/parser"
	"go/token"
	"log"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/rooms"
	"github.com/go-martini/martini"
)

// Contract 2.3: the names of the original, with their types. That it compiles is the test.
func TestNamesOfTheOriginal(t *testing.T) {
	var (
		_ func(any, ...*sockets.Options) martini.Handler = sockets.JSON
		_ func(...*sockets.Options) martini.Handler      = sockets.Messages
		_ func(...*sockets.Options) martini.Handler      = sockets.ByteSliceMessages
	)
	_ = &sockets.Options{
		Logger:            (*log.Logger)(nil),
		LogLevel:          int(sockets.LogLevelError),
		SkipLogging:       bool(false),
		WriteWait:         time.Duration(0),
		PongWait:          time.Duration(0),
		PingPeriod:        time.Duration(0),
		MaxMessageSize:    int64(0),
		SendChannelBuffer: int(0),
		RecvChannelBuffer: int(0),
		AllowedOrigin:     string(""),
	}
	levels := []int{sockets.LogLevelError, sockets.LogLevelWarning, sockets.LogLevelInfo,
		sockets.LogLevelDebug}
	if want := []int{0, 1, 2, 3}; !slices.Equal(levels, want) {
		t.Errorf("the levels are %v, want %v", levels, want)
	}
	want := []string{"Error", "Warning", "Info", "Debug"}
	if !slices.Equal(sockets.LogLevelStrings, want) {
		t.Errorf("LogLevelStrings = %q, want %q", sockets.LogLevelStrings, want)
	}
}

// Contract 9.1: package rooms needs the standard library and its own internal packages, and
// so do those.
func TestRoomsImports(t *testing.T) {
	const own = "github.com/beatrichartz/martini-sockets/rooms"
	seen := map[string]bool{own: true}
	for todo := []string{own}; len(todo) > 0; todo = todo[1:] {
		for _, path := range importsOf(t, strings.Replace(todo[0], own, "../rooms", 1)) {
			switch {
			case strings.HasPrefix(path, own+"/internal/"):
				if !seen[path] {
					seen[path] = true
					todo = append(todo, path)
				}
			case strings.Contains(path, "."):
				t.Errorf("%s imports %s, want only the standard library", todo[0], path)
			}
		}
	}
}

// Contract 14.1: the package that serves the module for pages needs the standard library.
func TestLiveImports(t *testing.T) {
	for _, path := range importsOf(t, "../live") {
		if strings.Contains(path, ".") {
			t.Errorf("live imports %s, want only the standard library", path)
		}
	}
}

// importsOf returns what the files of a folder import, tests excepted.
func importsOf(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(folder + "/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("Glob(%s) = %d files, %v, want some", folder, len(files), err)
	}
	var paths []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			paths = append(paths, path)
		}
	}
	return paths
}

// Contract 10.1: the interface that carries rooms has four methods at most.
func TestBrokerInterface(t *testing.T) {
	if got := reflect.TypeFor[rooms.Broker]().NumMethod(); got > 4 {
		t.Errorf("rooms.Broker has %d methods, want at most 4", got)
	}
}
