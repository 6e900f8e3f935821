//go:build unix

package limit

import "syscall"

// files asks for the hard limit first, which only a privileged process may pass.
func files(want uint64) uint64 {
	var r syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r) != nil {
		return Unknown
	}
	for _, most := range []uint64{min(want, uint64(r.Max)), want} {
		if most <= uint64(r.Cur) {
			continue
		}
		asked := r
		set(&asked, most)
		if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &asked) == nil {
			r = asked
		}
	}
	return uint64(r.Cur)
}
