//lint:file-ignore U1000,SA5008 The types are odd on purpose.

package attack

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/beatrichartz/martini-sockets"
)

type (
	inner   struct{ ID int }
	Named   struct{ ID int }
	withErr struct {
		Err error
		ID  int
	}
	// shadowed by an outer field of the same name, which encoding/json prefers
	Shadow struct {
		withErr
		Err string
	}
	ShadowTag struct {
		withErr
		Message string `json:"Err"`
	}
	ShadowPointer struct {
		*inner
		ID string
	}
	// two fields of one name at the same depth cancel each other
	otherErr struct{ Err func() }
	Cancel   struct {
		withErr
		otherErr
		Text string
	}
	// an embedded struct that is not exported, but has a name
	Tagged struct {
		inner `json:"inner"`
	}
	TaggedMore struct {
		inner `json:"inner"`
		X     int
	}
	TaggedPointer struct {
		*inner `json:"inner"`
		X      int
	}
	self struct {
		*self
		V int
	}
	Self struct {
		*Self
		V int
	}
	Marker struct {
		Incomparable [0]func()
		X            int
	}
	Generic[T any] struct {
		Data T
		Next *Generic[T]
	}
	OddKey struct {
		M map[encoding.TextUnmarshaler]int
	}
	Skip struct {
		F func() `json:"-"`
		X int
	}
	Dash struct {
		X int `json:"-,"`
	}
	Alias   = Named
	Upper   string
	EmbStr  struct{ Upper }
	embStr  string
	EmbStr2 struct {
		embStr
		X int
	}
	OnlyOut struct{ f func() }
	Times   struct {
		time.Time
		F func()
	}
	BadTag struct {
		inner `json:"a\"b"`
	}
	Stringed struct {
		X int `json:",string"`
	}
	// encoding/json looks into a struct once for each level, however often it is there
	Left   struct{ *middle }
	right  struct{ middle }
	bottom struct{ B []int }
	middle struct{ *bottom }
	Twice  struct {
		Left
		right
		X int
	}
	Deep struct {
		A, B, C struct{ D map[string][]*struct{ E any } }
	}
)

func (OnlyOut) MarshalJSON() ([]byte, error) { return []byte(`1`), nil }

// a type counts as good if json can fill all that it shows: every field that an encoded
// filled value has can be decoded into an empty one.
var types = []struct {
	v    any
	data string // JSON that touches everything that encoding/json would
	good bool
}{
	{Shadow{}, `{"Err":"x","ID":1}`, true},
	{ShadowTag{}, `{"Err":"x","ID":1}`, true},
	{ShadowPointer{}, `{"ID":"x"}`, true},
	{Cancel{}, `{"Err":1,"ID":1,"Text":""}`, true},
	{Tagged{}, `{"inner":{"ID":1}}`, true},
	{TaggedMore{}, `{"inner":{"ID":1},"X":1}`, true},
	{TaggedPointer{}, `{"inner":{"ID":1},"X":1}`, false},
	{self{}, `{"V":1}`, true},
	{Self{}, `{"V":1}`, true},
	{Marker{}, `{"Incomparable":[],"X":1}`, true},
	{Generic[int]{}, `{"Data":1,"Next":{"Data":2}}`, true},
	{Generic[error]{}, `{"Data":1}`, false},
	{OddKey{}, `{"M":{"a":1}}`, false},
	{Skip{}, `{"F":1,"X":1}`, true},
	{Dash{}, `{"-":1}`, true},
	{Alias{}, `{"ID":1}`, true},
	{EmbStr{}, `{"Upper":"a"}`, true},
	{EmbStr2{}, `{"embStr":"a","X":1}`, true},
	{OnlyOut{}, `{}`, true},
	{Times{}, `"2020-01-01T00:00:00Z"`, true},
	{BadTag{}, `{"ID":1}`, true},
	{Stringed{}, `{"X":"1"}`, true},
	{Twice{}, `{"B":[1],"X":1}`, false},
	{Deep{}, `{"A":{"D":{"x":[{"E":1}]}}}`, true},
	{struct{}{}, `{}`, true},
	{new(*Named), `{"ID":1}`, true},
	{[]any{}, `[1]`, true},
	{map[Upper]int{}, `{"a":1}`, true},
	{map[time.Time]int{}, `{"2020-01-01T00:00:00Z":1}`, true},
	{[2]byte{}, `[1,2]`, true},
	{json.RawMessage{}, `1`, true},
	{json.Number(""), `1`, true},
}

// Contract 1.6 and 2.1: a type that encoding/json can fill is taken, any other is refused
// when the handler is made.
func TestTypes(t *testing.T) {
	for _, tt := range types {
		t.Run(fmt.Sprintf("%T", tt.v), func(t *testing.T) {
			var err error
			func() {
				defer func() {
					if v := recover(); v != nil {
						err = fmt.Errorf("panic: %v", v)
					}
				}()
				e := reflect.TypeOf(tt.v)
				if e.Kind() == reflect.Pointer {
					e = e.Elem()
				}
				err = json.Unmarshal([]byte(tt.data), reflect.New(e).Interface())
			}()
			if good := err == nil; good != tt.good {
				t.Fatalf("the table is wrong: encoding/json says %v", err)
			}
			var refused any
			func() {
				defer func() { refused = recover() }()
				sockets.JSON(tt.v)
			}()
			if tt.good && refused != nil {
				t.Errorf("JSON() panics with %v, but encoding/json fills it", refused)
			}
			if !tt.good && refused == nil {
				t.Errorf("JSON() takes it, but encoding/json says: %v", err)
			}
			if refused != nil && !strings.HasPrefix(fmt.Sprint(refused), "sockets: ") {
				t.Errorf("the panic is %v", refused)
			}
		})
	}
}
