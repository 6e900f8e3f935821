package sockets

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

var (
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	marshaler       = reflect.TypeFor[json.Marshaler]()
	textMarshaler   = reflect.TypeFor[encoding.TextMarshaler]()
)

// decodesItself reports whether a *T has a method that fills it.
func decodesItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(unmarshaler) || p.Implements(textUnmarshaler)
}

// isLost reports whether JSON would lose every T: a struct with fields of which
// encoding/json sees none, and without methods of its own.
func isLost(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return t.Kind() == reflect.Struct && t.NumField() > 0 && len(jsonFields(t)) == 0 &&
		!decodesItself(t) && !p.Implements(marshaler) && !p.Implements(textMarshaler)
}

// unfillable names a part of T that encoding/json can never fill, or returns an empty
// string. outer holds the types that T is part of.
func unfillable(t reflect.Type, outer []reflect.Type) (part string) {
	if slices.Contains(outer, t) || decodesItself(t) {
		return ""
	}
	outer = append(outer, t)
	switch t.Kind() {
	case reflect.Chan, reflect.Func, reflect.UnsafePointer, reflect.Complex64,
		reflect.Complex128:
		return "a value of type " + t.String()
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return "an interface with methods, " + t.String()
		}
	case reflect.Map:
		if !isKey(t.Key()) {
			return "a map with keys of type " + t.Key().String()
		}
		return unfillable(t.Elem(), outer)
	case reflect.Array:
		if t.Len() == 0 {
			return ""
		}
		return unfillable(t.Elem(), outer)
	case reflect.Pointer, reflect.Slice:
		return unfillable(t.Elem(), outer)
	case reflect.Struct:
		for _, f := range jsonFields(t) {
			if f.hidden {
				return "a field of an embedded pointer whose type is not exported, " +
					t.String() + "." + f.path
			}
			if part := unfillable(f.Type, outer); part != "" {
				return part + ", in the field " + t.String() + "." + f.path
			}
		}
	}
	return ""
}

// isKey reports whether encoding/json can fill a map with such keys.
func isKey(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32,
		reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32,
		reflect.Uint64, reflect.Uintptr:
		return true
	}
	return reflect.PointerTo(t).Implements(textUnmarshaler)
}

// jsonField is a field of a struct, or of one that it embeds, as encoding/json sees it.
type jsonField struct {
	reflect.StructField
	key    string
	tagged bool
	path   string // its name, after those of the structs that embed it
	depth  int    // how many do
	hidden bool   // encoding/json cannot reach it: it would have to make what embeds it
}

// jsonFields returns the fields of a struct that encoding/json fills. Of those with the
// same key, the least nested one counts, or the only one of these that has a tag; otherwise
// none does (see json.Marshal).
func jsonFields(t reflect.Type) (fields []jsonField) {
	all := nestedFields(t, jsonField{depth: -1}, nil)
	for i, f := range all {
		hides := func(other jsonField) bool {
			return other.key == f.key && (other.depth < f.depth ||
				other.depth == f.depth && (other.tagged || !f.tagged))
		}
		if !slices.ContainsFunc(all[:i], hides) && !slices.ContainsFunc(all[i+1:], hides) {
			fields = append(fields, f)
		}
	}
	return fields
}

// nestedFields returns all fields that compete for keys. in is the field that embeds the
// struct, and outer holds the structs around it.
func nestedFields(t reflect.Type, in jsonField, outer []reflect.Type) (all []jsonField) {
	if slices.Contains(outer, t) {
		return nil
	}
	outer = append(slices.Clip(outer), t)
	for i := range t.NumField() {
		sf := t.Field(i)
		key, _, more := strings.Cut(sf.Tag.Get("json"), ",")
		f := jsonField{StructField: sf, key: key, tagged: key != "",
			path: strings.TrimPrefix(in.path+"."+sf.Name, "."), depth: in.depth + 1,
			hidden: in.hidden}
		inner, pointer := sf.Type, sf.Type.Kind() == reflect.Pointer
		if pointer {
			inner = inner.Elem()
		}
		embeds := sf.Anonymous && inner.Kind() == reflect.Struct
		switch {
		case key == "-" && !more, !sf.IsExported() && !embeds:
			continue
		case !sf.IsExported() && pointer:
			f.hidden = true
		}
		if embeds && !f.tagged {
			all = append(all, nestedFields(inner, f, outer)...)
			continue
		}
		if !f.tagged {
			f.key = sf.Name
		}
		all = append(all, f)
	}
	return all
}
