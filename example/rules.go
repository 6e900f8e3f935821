package main

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a person may do. Lengths are in characters, as people count them: runes.
const (
	maxName    = 24
	maxRoom    = 40
	maxText    = 500
	maxID      = 64
	maxPeople  = 200 // in one room
	maxHistory = 50  // messages of one room
	maxRooms   = 1000

	// maxMessage is the size of the largest message on a connection: the welcome to a full room, all of it characters that JSON
	// writes as six bytes. A test proves that it is enough.
	maxMessage = 512 << 10
)

// refusal is an error that is written for the person who made it.
type refusal string

func (r refusal) Error() string { return string(r) }

var (
	errNameEmpty = refusal("Please type a name.")
	errNameLong  = tooLong("That name", maxName)
	errNameTaken = refusal("That name is taken by someone in this room. Please choose another.")
	errRoomEmpty = refusal("Please type the name of a room.")
	errRoomLong  = tooLong("That name", maxRoom)
	errOdd       = refusal("That name has characters that cannot be seen.")
	errRoomFull  = refusal(fmt.Sprintf("This room is full: %d people are in it.", maxPeople))
	errManyRooms = refusal("Too many rooms are open. Please try again later.")
	errTextEmpty = refusal("There is nothing to send yet.")
	errTextLong  = tooLong("That message", maxText)
	errID        = refusal(fmt.Sprintf("That message has no id of 1 to %d bytes.", maxID))
	errMoved     = refusal("You are in this room in another window.")
)

func tooLong(what string, most int) refusal {
	return refusal(fmt.Sprintf("%s is too long: %d characters are the most.", what, most))
}

// checkName returns a name as others will see it: blanks made one, none at the ends.
func checkName(name string) (string, error) {
	return check(name, maxName, errNameEmpty, errNameLong)
}

func checkRoom(name string) (string, error) {
	return check(name, maxRoom, errRoomEmpty, errRoomLong)
}

func check(name string, most int, empty, long refusal) (string, error) {
	name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "\uFFFD")), " ")
	switch {
	case fold(name) == "":
		return "", empty
	case utf8.RuneCountInString(name) > most:
		return "", long
	case strings.ContainsFunc(name, odds):
		return "", errOdd
	}
	return name, nil
}

// odds finds what would make a name look like another, or turn the writing of the line around it. Joiners are not odd:
// emoji and several scripts are written with them.
func odds(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d'
}

// fold is what two names have in common that would look alike: neither case nor what cannot be seen tells them apart.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == ' ' {
			return -1
		}
		return unicode.ToLower(unicode.ToUpper(r))
	}, name)
}

func checkText(text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", errTextEmpty
	case utf8.RuneCountInString(text) > maxText:
		return "", errTextLong
	}
	return text, nil
}
