// Package limit knows how many files, and so how many connections, this process may have
// open.
package limit

// Unknown is what Files returns on a system that has no such limit, or does not tell it.
const Unknown = 1 << 20

// Files raises the limit to want where the system allows that, and returns what it is
// then. Processes that are started later inherit it.
func Files(want uint64) uint64 { return files(want) }
