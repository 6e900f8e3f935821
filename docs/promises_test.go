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

// Contract 9.1: package rooms needs the standard library and its own internal packages.
func TestRoomsImports(t *testing.T) {
	files, _ := filepath.Glob("../rooms/*.go")
	within, _ := filepath.Glob("../rooms/internal/*/*.go")
	files = append(files, within...)
	if len(files) == 0 {
		t.Fatal("no files of rooms, want some")
	}
	const own = "github.com/beatrichartz/martini-sockets/rooms/internal/"
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
			if strings.Contains(path, ".") && !strings.HasPrefix(path, own) {
				t.Errorf("%s imports %s, want the standard library and %s alone", file, path, own)
			}
		}
	}
}

// Contract 10.1: the interface that carries rooms has four methods at most.
func TestBrokerInterface(t *testing.T) {
	if got := reflect.TypeFor[rooms.Broker]().NumMethod(); got > 4 {
		t.Errorf("rooms.Broker has %d methods, want at most 4", got)
	}
}
