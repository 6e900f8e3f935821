// Command bench compares this library with a raw loop on gorilla and with three other libraries: the CPU time of the server,
// its memory, and what members of a room that do not read do to the others. It prints Markdown.
//
//	go run ./bench          everything
//	go run ./bench -short   the same in one short round
//	go run ./bench -only echo,json16 -servers sockets,gorilla -rounds 5
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/beatrichartz/martini-sockets/bench/internal/proc"
	"github.com/beatrichartz/martini-sockets/bench/internal/suite"
)

func main() {
	if len(os.Args) > 1 && os.Args[1] == proc.Command {
		if err := proc.Serve(os.Args[2:]); err != nil {
			fail(err)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop() // on a signal the servers are ended as at any other end, by their own process alone
	if err := drive(ctx, os.Args[1:]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

// drive is the whole of a run: args are the flags.
func drive(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	short := flags.Bool("short", false, "one short round")
	rounds := flags.Int("rounds", 0, "`number` of rounds, 0 for as many as the form has")
	only := flags.String("only", "", "comma-separated `scenarios`: echo, echo16, json, json16, idle, fan, fan1, room, stalled")
	servers := flags.String("servers", "", "comma-separated `servers`: sockets, gorilla, classic, melody, coder, gws")
	profiles := flags.String("profile", "", "write a CPU profile of each server to this `directory`")
	if err := flags.Parse(args); err != nil {
		return err
	}
	sizes := suite.Full()
	if *short {
		sizes = suite.Short()
	}
	if *rounds > 0 {
		sizes.Rounds = *rounds
	}
	return run(ctx, sizes, suite.Choice{Scenarios: list(*only), Servers: list(*servers), Profiles: *profiles})
}

// run fits the sizes to the machine, runs them and prints what came out.
func run(ctx context.Context, sizes suite.Sizes, choice suite.Choice) error {
	var files syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err == nil && sizes.Fit(uint64(files.Cur)) {
		fmt.Fprintf(os.Stderr, "fewer connections than usual: %d files may be open (ulimit -n)\n", files.Cur)
	}
	board, err := suite.Run(ctx, sizes, choice, os.Stderr)
	if board.Empty() {
		return err
	}
	fmt.Print(suite.Machine(sizes))
	board.Tables(os.Stdout, suite.Base())
	board.Goals(os.Stdout, suite.Goals(sizes))
	return err // of a run that was interrupted, or has failed, the figures until then are printed too
}

func list(s string) []string { return strings.FieldsFunc(s, func(r rune) bool { return r == ',' }) }
