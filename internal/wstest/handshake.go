package wstest

import (
	"net/http"
	"strings"
)

// Handshake sends an opening handshake for path and returns the response.
// header overrides the handshake's own fields, including the method as
// ":method" and Host; an empty value removes a field. The body of a refusal can
// be read. After a 101 frames follow.
func (r *Raw) Handshake(path string, header http.Header) *http.Response {
	r.tb.Helper()
	r.SendBytes([]byte(request(path, r.host, header)))
	r.deadline()
	resp, err := http.ReadResponse(r.br, nil)
	r.check(err)
	return resp
}

// Upgrade calls Handshake and fails the test unless the answer is 101 with the
// right key.
func (r *Raw) Upgrade(path string, header http.Header) *http.Response {
	r.tb.Helper()
	resp := r.Handshake(path, header)
	if resp.StatusCode != http.StatusSwitchingProtocols {
		r.tb.Fatalf("wstest: handshake = %s, want 101", resp.Status)
	}
	if got := resp.Header.Get("Sec-WebSocket-Accept"); got != sampleAccept &&
		header.Get("Sec-WebSocket-Key") == "" {
		r.tb.Fatalf("wstest: Sec-WebSocket-Accept = %q, want %q", got, sampleAccept)
	}
	return resp
}

// The sample key of RFC 6455, section 1.3, and its answer.
const (
	sampleKey    = "dGhlIHNhbXBsZSBub25jZQ=="
	sampleAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
)

// Fields returns the header of a correct opening handshake.
func Fields(host string) http.Header {
	return http.Header{
		"Origin":                {"http://" + host},
		"Connection":            {"Upgrade"},
		"Upgrade":               {"websocket"},
		"Sec-Websocket-Version": {"13"},
		"Sec-Websocket-Key":     {sampleKey},
	}
}

func request(path, host string, header http.Header) string {
	method, fields := http.MethodGet, Fields(host)
	fields.Set("Host", host)
	for name, values := range header {
		switch {
		case name == ":method":
			method = values[0]
		case len(values) == 0 || values[0] == "":
			delete(fields, http.CanonicalHeaderKey(name))
		default:
			fields[http.CanonicalHeaderKey(name)] = values
		}
	}
	var b strings.Builder
	b.WriteString(method + " " + path + " HTTP/1.1\r\n")
	_ = fields.Write(&b) // writing to a Builder never fails
	b.WriteString("\r\n")
	return b.String()
}
