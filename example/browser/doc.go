// Package browser has no code but tests: they drive the programs of the folder above in
// Chromium. They are a module of their own, so that what they need is asked of nobody who
// runs the chat.
//
// Where no browser is found they are skipped, unless the environment variable CI is "true":
// then they fail. BROWSER=off skips them everywhere. With UPDATE_PICTURES=1 the run makes
// the pictures in the README anew.
package browser
