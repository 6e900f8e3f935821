// Command natsd is a nats-server for tests. It takes the path of a configuration, says
// where it listens, obeys the lines of its standard input, and ends when that ends. Build
// it as package cluster does, so that its clock can be set.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Ready is the line that natsd writes once it can be reached.
type Ready struct{ Client, Route string }

func main() {
	hurry()
	o, err := server.ProcessConfigFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	o.NoSigs = true
	s, err := server.NewServer(o)
	if err != nil {
		log.Fatal(err)
	}
	s.ConfigureLogger()
	go s.Start() // ends with the process
	if !s.ReadyForConnections(time.Minute) {
		log.Fatal("not ready after a minute")
	}
	ready := Ready{Client: s.Addr().String(), Route: s.ClusterAddr().String()}
	if err := json.NewEncoder(os.Stdout).Encode(ready); err != nil {
		log.Fatal(err)
	}
	obey(s)
}

// obey does what each line says, and answers with a line: "clock 5s" has the clock show
// that much more than it does, and "reload" reads the configuration again.
func obey(s *server.Server) {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		word, rest, _ := strings.Cut(lines.Text(), " ")
		var err error
		switch word {
		case "clock":
			var by time.Duration
			if by, err = time.ParseDuration(rest); err == nil {
				err = setClock(by)
			}
		case "reload":
			err = s.Reload()
		default:
			err = fmt.Errorf("no command %q", word)
		}
		fmt.Println(err)
	}
}
