package sockets

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

var (
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	marshaler       = reflect.TypeFor[json.Marshaler]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
)

// unfillable names a part of a T that encoding/json can never fill, or returns an empty
// string.
func unfillable(t reflect.Type) (mistake string) {
	p := reflect.PointerTo(t)
	if t.Kind() == reflect.Struct && t.NumField() > 0 && len(partsOf(t)) == 0 &&
		!decodesItself(p) && !p.Implements(marshaler) && !p.Implements(textMarshaler) {
		return "a struct without an exported field"
	}
	return mistakeIn(t, map[reflect.Type]bool{})
}

// decodesItself reports whether a type has a method that decodes it.
func decodesItself(t reflect.Type) bool {
	return t.Implements(unmarshaler) || t.Implements(textUnmarshaler)
}

// mistakeIn names a part of a T that encoding/json can never fill, or returns an empty
// string. seen holds the types that were looked at before.
func mistakeIn(t reflect.Type, seen map[reflect.Type]bool) (mistake string) {
	if seen[t] || decodesItself(reflect.PointerTo(t)) {
		return ""
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Complex64,
		reflect.Complex128:
		return "a value of type " + t.String()
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return "an interface with methods, " + t.String()
		}
	case reflect.Map:
		if !keyable(t.Key()) {
			return "a map with keys of type " + t.Key().String()
		}
		return mistakeIn(t.Elem(), seen)
	case reflect.Array:
		if t.Len() > 0 {
			return mistakeIn(t.Elem(), seen)
		}
	case reflect.Pointer, reflect.Slice:
		return mistakeIn(t.Elem(), seen)
	case reflect.Struct:
		for _, p := range partsOf(t) {
			if mistake = p.mistake(seen); mistake != "" {
				return mistake
			}
		}
	}
	return ""
}

// keyable reports whether encoding/json can fill a map with such keys.
func keyable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32,
		reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32,
		reflect.Uint64, reflect.Uintptr:
		return true
	}
	return reflect.PointerTo(t).Implements(textUnmarshaler)
}

// part is a field that encoding/json fills, in a struct or in one that it embeds.
type part struct {
	reflect.StructField
	name    string       // in JSON
	owner   reflect.Type // the struct that has the field
	rank    int          // of several with one name, the lowest counts
	twice   bool         // another has the same name and rank, so neither counts
	pointer string       // an embedded pointer on the way to it that nobody can set
}

func (p *part) mistake(seen map[reflect.Type]bool) (mistake string) {
	if p.pointer != "" {
		return "the embedded pointer " + p.pointer + ", because its type is not exported"
	}
	if mistake = mistakeIn(p.Type, seen); mistake != "" {
		mistake += ", in the field " + p.owner.String() + "." + p.Name
	}
	return mistake
}

// partsOf returns the fields of a struct that encoding/json fills. Of several with one
// name the outermost counts, and at the same depth one that a tag names; if that leaves
// two, none counts. It goes through the embedded structs level by level, each once, as
// encoding/json does.
func partsOf(t reflect.Type) (parts []*part) {
	named, done := map[string]*part{}, map[reflect.Type]bool{}
	level := []*part{{owner: t}}
	for depth := 0; len(level) > 0; depth++ {
		next := map[reflect.Type]*part{}
		var order []*part
		for _, outer := range level {
			done[outer.owner] = true
			for i := range outer.owner.NumField() {
				p := &part{StructField: outer.owner.Field(i), owner: outer.owner,
					rank: 2 * depth, twice: outer.twice, pointer: outer.pointer}
				inner, ok := p.resolve()
				switch old := named[p.name]; {
				case !ok:
				case inner != nil && next[inner] != nil:
					next[inner].twice = true
				case inner != nil:
					next[inner] = &part{owner: inner, pointer: p.pointer}
					order = append(order, next[inner])
				case old == nil || p.rank < old.rank:
					named[p.name] = p
				case p.rank == old.rank:
					old.twice = true
				}
			}
		}
		level = slices.DeleteFunc(order, func(p *part) bool { return done[p.owner] })
	}
	for _, p := range named {
		if !p.twice {
			parts = append(parts, p)
		}
	}
	slices.SortFunc(parts, func(a, b *part) int { return strings.Compare(a.name, b.name) })
	return parts
}

// resolve sets name, rank and pointer. ok is false if encoding/json passes over the
// field. inner is the embedded struct whose fields count instead of it.
func (p *part) resolve() (inner reflect.Type, ok bool) {
	tag, _, more := strings.Cut(p.Tag.Get("json"), ",")
	t, pointer := p.Type, p.Type.Kind() == reflect.Pointer
	if pointer {
		t = t.Elem()
	}
	embedded := p.Anonymous && t.Kind() == reflect.Struct
	if tag == "-" && !more || !p.IsExported() && !embedded {
		return nil, false
	}
	if !p.IsExported() && pointer && p.pointer == "" {
		p.pointer = p.owner.String() + "." + p.Name
	}
	if p.name = tag; !isName(tag) {
		if embedded {
			return t, true
		}
		p.name = p.Name
		p.rank++
	}
	return nil, true
}

// isName reports whether encoding/json takes a tag as a name.
func isName(tag string) bool {
	return tag != "" && !strings.ContainsFunc(tag, func(c rune) bool {
		return !unicode.IsLetter(c) && !unicode.IsDigit(c) &&
			!strings.ContainsRune("!#$%&()*+-./:;<=>?@[]^_{|}~ ", c)
	})
}
