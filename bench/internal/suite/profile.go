package suite

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/beatrichartz/martini-sockets/bench/internal/proc"
)

// profile writes a CPU profile of srv while its load runs, for as long as the shorter
// window lasts. The channel gets one value when it is written, or at once where no
// profiles are wanted.
func profile(
	ctx context.Context, srv *proc.Server, s Sizes, dir, scenario string, e Entry,
) <-chan error {
	done := make(chan error, 1)
	if dir == "" {
		done <- nil
		return done
	}
	seconds := max(1, int(min(s.Window.Warm+s.Window.Measure, 2*s.InRoom.Measure)/time.Second))
	name := scenario + "-" + e.Row + "-" + e.Column + ".pprof"
	name = strings.NewReplacer(",", "", " ", "-", "/", "-").Replace(name)
	go func() { done <- writeProfile(ctx, srv, seconds, filepath.Join(dir, name)) }()
	return done
}

func writeProfile(ctx context.Context, srv *proc.Server, seconds int, name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return srv.Profile(ctx, seconds, f)
}
