// Command bench compares this library with a raw loop on gorilla and with four other
// libraries: the CPU time of the server, its memory, and what members of a room that do
// not read do to the others. It prints Markdown.
//
//	go run ./bench           all but growth
//	go run ./bench -short    the same in one short round, without verdicts
//	go run ./bench -growth   whether cost rises with numbers
//	go run ./bench -only echo,json16 -servers sockets,gorilla -rounds 5
//	go run ./bench -update bench/README.md,bench/cost.svg
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/beatrichartz/martini-sockets/bench/internal/limit"
	"github.com/beatrichartz/martini-sockets/bench/internal/proc"
	"github.com/beatrichartz/martini-sockets/bench/internal/report"
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
	defer stop() // a signal ends the servers as any other end does: their own process ends them
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
	o, err := parse(args)
	if err != nil {
		return err
	}
	sizes := o.sizes()
	if files := limit.Files(sizes.Files()); sizes.Fit(files) {
		fmt.Fprintf(os.Stderr, "fewer connections than usual: "+
			"a process may have %d files open (ulimit -n)\n", files)
	}
	board, err := suite.Run(ctx, sizes, o.choice, os.Stderr)
	if board.Empty() {
		return err
	}
	suite.Print(os.Stdout, board, sizes, !o.short)
	if err != nil {
		return err // the figures until then are printed all the same
	}
	for _, file := range o.update {
		if err := update(file, board, sizes); err != nil {
			return err
		}
	}
	return nil
}

// update writes the outcome of a run into a file: the tables into Markdown, or the whole
// of a picture.
func update(file string, board *report.Board, sizes suite.Sizes) error {
	if filepath.Ext(file) != ".svg" {
		return report.Update(file, suite.Places(board, sizes))
	}
	var picture bytes.Buffer
	if err := suite.Plot(&picture, board); err != nil {
		return err
	}
	return os.WriteFile(file, picture.Bytes(), 0o644)
}
