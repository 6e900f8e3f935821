package suite

import "strings"

// Names are rooms and ids, whatever they would mean in a network's language.
func Names() []string {
	long := strings.Repeat("long", 2000)
	return []string{
		"", " ", ".", "..", "a", "A", "a.b", "a.*", "a.>", "*", ">", "a b", "a ", " a", "\t",
		"a\r\nPUB b 0\r\n", "\x00", "\xff\xfe", "\xff", "é", "e\u0301", "部屋", "$SYS",
		"_INBOX.a", "#", "+", "a/b", "a%2Fb", long, long + "1", long + "2",
	}
}
