package suite

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// Machine says where and how the figures were measured, in one paragraph.
func Machine(s Sizes) string {
	return fmt.Sprintf("Go %s on %s/%s, %d CPUs%s.\nMedians of %d rounds; in brackets the ratio "+
		"to the base column, taken within each round.\n",
		strings.TrimPrefix(runtime.Version(), "go"), runtime.GOOS, runtime.GOARCH,
		runtime.NumCPU(), model(), s.Rounds)
}

// model is the name of the CPU with a comma in front, or nothing where the system does
// not tell.
func model() string {
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	_, rest, ok := strings.Cut(string(info), "model name")
	line, _, _ := strings.Cut(rest, "\n")
	if !ok {
		return ""
	}
	return ", " + strings.TrimLeft(line, "\t :")
}
