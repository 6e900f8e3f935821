package main

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// checkName returns a name as others will see it: blanks made one, none at the ends. The error
// is written for the person who typed the name. Most is in characters.
func checkName(name string, most int) (string, error) {
	name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "\uFFFD")), " ")
	switch {
	case fold(name) == "":
		return "", errors.New("please type a name")
	case utf8.RuneCountInString(name) > most:
		return "", fmt.Errorf("that name is too long: %d characters are the most", most)
	case strings.ContainsFunc(name, odd):
		return "", errors.New("that name has characters that cannot be seen")
	}
	return name, nil
}

// fold is the same for names that look the same: case, blanks, and what cannot be seen do
// not count.
func fold(name string) string {
	shown := strings.FieldsFunc(name, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) })
	return strings.ToLower(strings.ToUpper(strings.Join(shown, "")))
}

// odd finds what cannot be seen, but not the joiners that emoji and some scripts need.
func odd(r rune) bool {
	return !unicode.IsPrint(r) && r != '\u200c' && r != '\u200d'
}
