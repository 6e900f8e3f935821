package logtest_test

import (
	"context"
	"sync"

	"github.com/beatrichartz/martini-sockets/rooms"
)

// telling changes what followers are told. It returns none, one or several.
func telling(right rooms.Log, change func() func(n rooms.News) []rooms.News) *faulty {
	return &faulty{Log: right, follow: func(
		ctx context.Context, room string, receive func(rooms.News),
	) (rooms.Place, error) {
		changed := change()
		return right.Follow(ctx, room, func(n rooms.News) {
			for _, n := range changed(n) {
				receive(n)
			}
		})
	}}
}

// each is telling without a memory.
func each(right rooms.Log, change func(n rooms.News) []rooms.News) rooms.Log {
	return telling(right, func() func(rooms.News) []rooms.News { return change })
}

func tellNothing(right rooms.Log) rooms.Log {
	return each(right, func(rooms.News) []rooms.News { return nil })
}

func muteErrors(right rooms.Log) rooms.Log {
	return each(right, func(n rooms.News) []rooms.News {
		if n.Err != nil {
			return nil
		}
		return []rooms.News{n}
	})
}

func lookOnly(right rooms.Log) rooms.Log {
	return each(right, func(n rooms.News) []rooms.News {
		n.Err = nil
		return []rooms.News{n}
	})
}

func nilWhenEmpty(right rooms.Log) rooms.Log {
	return each(right, func(n rooms.News) []rooms.News {
		if len(n.Data) == 0 {
			n.Data = nil
		}
		return []rooms.News{n}
	})
}

func tellNext(right rooms.Log) rooms.Log {
	return telling(right, func() func(rooms.News) []rooms.News {
		shift := uint64(0)
		return func(n rooms.News) []rooms.News {
			n.Prev.Seq += shift
			shift = 1
			n.Seq++
			return []rooms.News{n}
		}
	})
}

// tellSwapped tells each two entries the wrong way round, as if that were their order.
func tellSwapped(right rooms.Log) rooms.Log {
	return telling(right, func() func(rooms.News) []rooms.News {
		var kept *rooms.News
		return func(n rooms.News) []rooms.News {
			if kept == nil {
				kept = &n
				return nil
			}
			first := *kept
			kept = nil
			first.Data, n.Data = n.Data, first.Data
			return []rooms.News{first, n}
		}
	})
}

// hideGap leaves out each nth entry, and says that the next comes after the one before.
func hideGap(nth int) func(rooms.Log) rooms.Log {
	return func(right rooms.Log) rooms.Log {
		return telling(right, func() func(rooms.News) []rooms.News {
			var gap *rooms.Place
			count := 0
			return func(n rooms.News) []rooms.News {
				if count++; count%nth == 0 {
					gap = &n.Prev
					return nil
				}
				if gap != nil {
					n.Prev, gap = *gap, nil
				}
				return []rooms.News{n}
			}
		})
	}
}

// chainOn says that the first entry of a new log comes after the last of the old one.
func chainOn() func(rooms.Log) rooms.Log {
	return func(right rooms.Log) rooms.Log {
		return telling(right, func() func(rooms.News) []rooms.News {
			var last rooms.Place
			return func(n rooms.News) []rooms.News {
				if n.Seq == 0 {
					return nil
				}
				if last.Seq != 0 {
					n.Prev = last
				}
				last = n.Place
				return []rooms.News{n}
			}
		})
	}
}

// ownOnly tells a process only what it has appended itself, as if there were nothing
// else.
func ownOnly() func(rooms.Log) rooms.Log {
	return func(right rooms.Log) rooms.Log {
		var own sync.Map
		f := telling(right, func() func(rooms.News) []rooms.News {
			var last *rooms.Place
			return func(n rooms.News) []rooms.News {
				if _, ok := own.Load(string(n.Data)); !ok {
					if last == nil {
						last = &n.Prev
					}
					return nil
				}
				if last != nil {
					n.Prev = *last
				}
				last = &n.Place
				return []rooms.News{n}
			}
		})
		f.append = func(ctx context.Context, room, id string, data []byte) (rooms.Place, error) {
			own.Store(string(data), true)
			return right.Append(ctx, room, id, data)
		}
		return f
	}
}

// deafAtFirst does not hear of the first entry.
func deafAtFirst(right rooms.Log) rooms.Log {
	return telling(right, func() func(rooms.News) []rooms.News {
		hears := false
		return func(n rooms.News) []rooms.News {
			if !hears {
				hears = true
				return nil
			}
			return []rooms.News{n}
		}
	})
}

// muteAfter tells nothing any more after an error.
func muteAfter(right rooms.Log) rooms.Log {
	return telling(right, func() func(rooms.News) []rooms.News {
		mute := false
		return func(n rooms.News) []rooms.News {
			if mute = mute || n.Err != nil; mute {
				return nil
			}
			return []rooms.News{n}
		}
	})
}

// endAlike gives all empty rooms one end.
func endAlike(right rooms.Log) rooms.Log {
	return &faulty{Log: right, follow: func(
		ctx context.Context, room string, receive func(rooms.News),
	) (rooms.Place, error) {
		place, err := right.Follow(ctx, room, receive)
		if place.Seq == 0 {
			place.Tag = 7
		}
		return place, err
	}}
}

func followBehind(right rooms.Log) rooms.Log {
	return &faulty{Log: right, follow: func(
		ctx context.Context, room string, receive func(rooms.News),
	) (rooms.Place, error) {
		place, err := right.Follow(ctx, room, receive)
		place.Seq -= min(place.Seq, 1)
		return place, err
	}}
}
