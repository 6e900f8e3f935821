package apptest

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"testing"

	"github.com/beatrichartz/martini-sockets"
	"github.com/beatrichartz/martini-sockets/internal/wstest"
	"github.com/codegangsta/inject"
	"github.com/go-martini/martini"
)

// typed means that App serves through HandleJSON, HandleText and HandleBytes, where it
// can, and not through Martini.
var typed bool

// BothDoors runs the tests of a package twice: App serves through Martini, and in a
// second process at the same time through the handlers for other routers. Call it in
// TestMain. Benchmarks, fuzzing and short tests run once. It fails if goroutines of this
// module are left at the end. More tests run at a time than there are processors, because
// most of those that are parallel only wait.
func BothDoors(m *testing.M) int {
	flag.Parse()
	door, started := os.LookupEnv(env) // by BothDoors, or by a test
	typed = door == "plain"
	once := started || testing.Short()
	for _, name := range []string{"test.list", "test.bench", "test.fuzz"} {
		once = once || flag.Lookup(name).Value.String() != ""
	}
	if flag.Lookup("test.fuzz").Value.String() == "" {
		_ = flag.Set("test.parallel", "100")
	}
	if once {
		return run(m)
	}
	var out bytes.Buffer
	plain := exec.Command(os.Args[0], slices.DeleteFunc(slices.Clone(os.Args[1:]),
		writes.MatchString)...)
	plain.Env = append(os.Environ(), env+"=plain")
	plain.Stdout, plain.Stderr = &out, &out
	_ = os.Setenv(env, "martini")
	_ = plain.Start() // if this fails, so does Wait
	code := run(m)
	err := plain.Wait()
	fmt.Printf("also, through HandleJSON, HandleText and HandleBytes\n%s", out.Bytes())
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return code
}

// env names the door of a process that this one or a test has started.
const env = "SOCKETS_DOOR"

// writes are the flags that name a file which only one process can write.
var writes = regexp.MustCompile(`^--?test\.(testlogfile|\w+profile|trace|gocoverdir)=`)

// run is m.Run with a look at what goroutines are left.
func run(m *testing.M) (code int) {
	left := wstest.Record(func(tb testing.TB) {
		wstest.NoLeaks(tb)
		code = m.Run()
	})
	for _, stacks := range left {
		fmt.Println(stacks)
		code = 1
	}
	return code
}

// Kind is a kind of messages, as middleware of Martini and as an http.Handler.
type Kind struct {
	middleware martini.Handler
	// types are those that a handler can ask for through the other door.
	types []reflect.Type
	serve func(handlers []martini.Handler) http.Handler
}

// JSON stands for sockets.JSON in an App. If v is a pointer, sockets.JSON gives messages
// of another type than HandleJSON, so only Martini serves a handler that asks for them.
func JSON[T any](v T, o *sockets.Options) Kind {
	return kind(sockets.JSON(v, o), o, sockets.HandleJSON[T])
}

// Text stands for sockets.Messages in an App.
func Text(o *sockets.Options) Kind {
	return kind(sockets.Messages(o), o, sockets.HandleText)
}

// Bytes stands for sockets.ByteSliceMessages in an App.
func Bytes(o *sockets.Options) Kind {
	return kind(sockets.ByteSliceMessages(o), o, sockets.HandleBytes)
}

func kind[M any](middleware martini.Handler, o *sockets.Options,
	handle func(func(*http.Request, sockets.Channels[M]), *sockets.Options) http.Handler,
) Kind {
	channels := reflect.TypeFor[sockets.Channels[M]]()
	k := Kind{middleware: middleware, types: []reflect.Type{reflect.TypeFor[*http.Request]()}}
	for i := range channels.NumField() {
		k.types = append(k.types, channels.Field(i).Type)
	}
	k.serve = func(handlers []martini.Handler) http.Handler {
		return handle(func(r *http.Request, c sockets.Channels[M]) {
			in := inject.New()
			in.Map(r)
			for i, t := range k.types[1:] {
				in.Set(t, reflect.ValueOf(c).Field(i))
			}
			call(in, handlers)
		}, o)
	}
	return k
}

// Plain serves a chain of an App without Martini. ok is false if Martini is to serve it:
// the process is not the second of BothDoors, there is no Kind, or a handler asks for
// what only Martini gives.
func Plain(handlers ...martini.Handler) (_ http.Handler, ok bool) {
	if !typed {
		return nil, false
	}
	var before, after []martini.Handler
	var k *Kind
	request := []reflect.Type{reflect.TypeFor[*http.Request](),
		reflect.TypeFor[http.ResponseWriter]()}
	for _, h := range handlers {
		found, isKind := h.(Kind)
		switch {
		case isKind && k == nil:
			k = &found
		case isKind:
			return nil, false
		case k == nil && takes(h, request):
			before = append(before, h)
		case k != nil && takes(h, k.types):
			after = append(after, h)
		default:
			return nil, false
		}
	}
	if k == nil {
		return nil, false
	}
	handler := k.serve(after)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { _ = recover() }() // as martini.Recovery
		in := inject.New()
		in.Map(r)
		in.MapTo(w, (*http.ResponseWriter)(nil))
		call(in, before)
		handler.ServeHTTP(w, r)
	}), true
}

// takes reports whether h asks only for values of these types, and returns nothing.
func takes(h any, types []reflect.Type) bool {
	t := reflect.TypeOf(h)
	for i := range t.NumIn() {
		if slices.Index(types, t.In(i)) < 0 {
			return false
		}
	}
	return t.NumOut() == 0
}

// call calls handlers with what they ask for.
func call(in inject.Injector, handlers []martini.Handler) {
	for _, h := range handlers {
		if _, err := in.Invoke(h); err != nil {
			panic(err)
		}
	}
}
