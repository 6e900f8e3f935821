package memlog

import (
	"crypto/sha256"
	"time"
)

// recentIDs holds the ids that were appended to a room lately, with the Seq of each. It
// keeps hashes, because clients choose the ids and their length.
type recentIDs struct {
	max int
	age time.Duration

	seqs  map[idHash]uint64
	queue []recentID // oldest first
}

type idHash [16]byte

type recentID struct {
	hash idHash
	at   time.Time
}

func hashID(id string) idHash {
	sum := sha256.Sum256([]byte(id))
	return idHash(sum[:16])
}

func (r *recentIDs) find(id string, now time.Time) (seq uint64, ok bool) {
	for len(r.queue) > 0 && now.Sub(r.queue[0].at) >= r.age {
		r.dropFirst()
	}
	seq, ok = r.seqs[hashID(id)]
	return seq, ok
}

func (r *recentIDs) add(id string, seq uint64, now time.Time) {
	if r.seqs == nil {
		r.seqs = make(map[idHash]uint64)
	}
	if len(r.queue) == r.max {
		r.dropFirst()
	}
	hash := hashID(id)
	r.seqs[hash] = seq
	r.queue = append(r.queue, recentID{hash, now})
}

func (r *recentIDs) dropFirst() {
	delete(r.seqs, r.queue[0].hash)
	r.queue = r.queue[1:]
}
