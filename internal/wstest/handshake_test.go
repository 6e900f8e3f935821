package wstest

import (
	"fmt"
	"io"
	"net/http"
	"testing"
)

func TestHandshake(t *testing.T) {
	show := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := r.Header
		fmt.Fprintf(w, "%s %s host=%s origin=%q key=%q extensions=%q", r.Method, r.URL,
			r.Host, h["Origin"], h["Sec-Websocket-Key"], h["Sec-Websocket-Extensions"])
	})
	s := NewServer(t, show)
	key := fmt.Sprintf("%q", []string{sampleKey})
	tests := []struct {
		name   string
		path   string
		header http.Header
		want   string
	}{
		{
			name: "default", path: "/a?b=c",
			want: "GET /a?b=c host=" + s.Host + ` origin=["` + s.URL + `"] key=` + key +
				" extensions=[]",
		},
		{
			name: "overridden", path: "/",
			header: http.Header{":method": {"POST"}, "Host": {"h"}, "Origin": {"null"},
				"Sec-WebSocket-Key": {"k"}},
			want: `POST / host=h origin=["null"] key=["k"] extensions=[]`,
		},
		{
			name: "taken away", path: "/",
			header: http.Header{"Origin": {}, "Sec-WebSocket-Key": {""}},
			want:   "GET / host=" + s.Host + " origin=[] key=[] extensions=[]",
		},
		{
			name: "added", path: "/",
			header: http.Header{"Origin": {"a", "b"},
				"Sec-WebSocket-Extensions": {"permessage-deflate"}},
			want: "GET / host=" + s.Host + ` origin=["a" "b"] key=` + key +
				` extensions=["permessage-deflate"]`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			resp := s.Connect().Handshake(tt.path, tt.header)
			got, err := io.ReadAll(resp.Body)
			if err != nil || string(got) != tt.want {
				t.Errorf("request = %s, %v, want %s", got, err, tt.want)
			}
		})
	}
}
