// Package e2e tests whole connections of package sockets: programs and hostile
// clients, slow and broken networks, what happens around the end of a connection,
// and life inside Martini. Tests of one file of the package are beside that file.
package e2e
