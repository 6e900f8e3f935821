package browser

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// preferences keep Firefox from asking others than our server, and from other pages.
const preferences = `
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "http://127.0.0.1:9");
user_pref("toolkit.telemetry.server", "http://127.0.0.1:9");
`

// openFirefox opens an address in a Firefox that ends with the test.
func openFirefox(t *testing.T, address string) {
	t.Helper()
	path := installed("firefox-esr", "firefox")
	if path == "" {
		skip(t, "no Firefox: install Debian's firefox-esr")
	}
	profile, err := os.MkdirTemp(dir, "firefox")
	if err == nil {
		err = os.WriteFile(filepath.Join(profile, "user.js"), []byte(preferences), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--headless", "--no-remote", "--profile", profile, address)
	cmd.Env = append(os.Environ(), "HOME="+profile)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
}
