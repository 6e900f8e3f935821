package limit

func files(uint64) uint64 { return Unknown }
