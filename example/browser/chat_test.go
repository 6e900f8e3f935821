package browser

import "testing"

func TestTwoTalkAndAThirdHearsNothing(t *testing.T) {
	needBrowser(t)
	n := startNode(t, "0")
	ann, bo, cleo := newWindow(t), newWindow(t), newWindow(t)
	ann.enter(n.address, "garden", "Ann")
	bo.enter(n.address, "garden", "Bo")
	cleo.enter(n.address, "cellar", "Cleo")
	ann.sees("#people p", "Ann (you)", "Bo")
	ann.say("hello Bo")
	bo.sees(".text", "hello Bo")
	bo.say("hello Ann")
	for _, w := range []*window{ann, bo} {
		w.sees(".text", "hello Bo", "hello Ann")
	}
	ann.sees(".mine .mark", "delivered")
	ann.sees(".line", "Bo joined")
	cleo.sees("#people p", "Cleo (you)")
	cleo.sees(".text")
	bo.close()
	ann.sees("#people p", "Ann (you)")
	ann.sees(".line", "Bo joined", "Bo left")
}
