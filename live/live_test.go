package live

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func get(t *testing.T, target string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Serve(w, r)
	return w.Result()
}

func TestServe(t *testing.T) {
	const checked, kept = "no-cache", "public, max-age=31536000, immutable"
	for _, tt := range []struct{ target, cache string }{
		{"/live.js", checked},
		{Address("/anywhere/live.js"), kept},
		{"/live.js?v=0123456789abcdef", checked}, // a page of another version
		{Address("/live.js") + "&more", checked},
	} {
		w := get(t, tt.target)
		body, err := io.ReadAll(w.Body)
		if err != nil || w.StatusCode != 200 || string(body) != string(module) {
			t.Errorf("GET %s = %d, %v, %s", tt.target, w.StatusCode, err, body)
		}
		for name, want := range map[string]string{
			"Cache-Control":          tt.cache,
			"Content-Type":           "text/javascript; charset=utf-8",
			"X-Content-Type-Options": "nosniff",
		} {
			if got := w.Header.Get(name); got != want {
				t.Errorf("GET %s: %s = %q, want %q", tt.target, name, got, want)
			}
		}
		tag := w.Header.Get("ETag")
		for tag, want := range map[string]int{tag: 304, `"other"`: 200} {
			if got := get(t, tt.target, "If-None-Match", tag).StatusCode; got != want {
				t.Errorf("GET %s with %s = %d, want %d", tt.target, tag, got, want)
			}
		}
	}
}

var importMap = regexp.MustCompile(`^<script type="importmap">([^<]*)</script>\n$`)

func TestImportMap(t *testing.T) {
	for _, path := range []string{"/live.js", "/</script><script>alert(1)", `/"&'`} {
		got := ImportMap(path)
		inside := importMap.FindStringSubmatch(got)
		if inside == nil {
			t.Errorf("ImportMap(%s) = %s, want one element", path, got)
			continue
		}
		var parsed struct{ Imports map[string]string }
		if err := json.Unmarshal([]byte(inside[1]), &parsed); err != nil {
			t.Errorf("ImportMap(%s) = %s: %v", path, got, err)
		}
		if got := parsed.Imports[npm(t).Name]; got != Address(path) {
			t.Errorf("ImportMap(%s) leads to %s, want %s", path, got, Address(path))
		}
	}
}

// npm is the folder as an npm package.
func npm(t *testing.T) (p struct {
	Name, Version string
	Files         []string
	Exports       map[string]string
}) {
	t.Helper()
	text, err := os.ReadFile("package.json")
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPackage(t *testing.T) {
	p := npm(t)
	for _, file := range p.Exports {
		if _, err := os.Stat(file); err != nil {
			t.Error(err)
		}
		if !slices.Contains(p.Files, strings.TrimPrefix(file, "./")) {
			t.Errorf("files = %q, want %s among them", p.Files, file)
		}
	}
	// All modules of the repository have the same version.
	other, err := os.ReadFile("../rooms/natsrooms/go.mod")
	if err != nil {
		t.Skip("no checkout of the whole repository")
	}
	want := "/martini-sockets v" + p.Version + "\n"
	if !strings.Contains(string(other), want) {
		t.Errorf("version = %s, which rooms/natsrooms does not require", p.Version)
	}
}

// Contract 14.6: the policy is the same in the README and in the contract. The file
// test/codes.test.js compares it with the module.
func TestPolicyIsTheSame(t *testing.T) {
	policy := regexp.MustCompile(`(?m)^\| close code .*\n(?:\|.*\n)+`)
	var tables []string
	for _, file := range []string{"README.md", "../docs/contract.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		tables = append(tables, policy.FindString(string(text)))
	}
	if tables[0] == "" || tables[0] != tables[1] {
		t.Errorf("the policies differ:\n%s\n%s", tables[0], tables[1])
	}
}
