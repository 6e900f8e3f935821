import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";
import {Page} from "./page.js";

let page;
beforeEach(() => { page = Page.install(); });

const probe = {kind: "probe"};
const sent = () => page.socket.sent.map(data => JSON.parse(data));

test("without a probe nothing is sent, and no timer runs", async () => {
  page.live();
  page.socket.open();
  assert.equal(page.timers, 0);
  await page.pass(3600000);
  assert.deepEqual(sent(), []);
  assert.ok(!page.socket.closed);
});

test("the probe is sent after twenty seconds without a message", async () => {
  page.live({probe});
  page.socket.open();
  await page.pass(15000);
  page.socket.hears("a message");
  await page.pass(19999);
  assert.deepEqual(sent(), []);
  await page.pass(1);
  assert.deepEqual(sent(), [probe]);
});

test("any message is an answer", async () => {
  page.live({probe});
  page.socket.open();
  for (let i = 1; i <= 5; i++) {
    await page.pass(20000);
    assert.equal(sent().length, i);
    await page.pass(9999);
    page.socket.hears("an answer");
  }
  assert.equal(page.lost.length, 0);
});

test("no answer for ten seconds is a lost connection", async () => {
  page.live({probe});
  page.socket.open();
  await page.pass(29999);
  assert.ok(!page.socket.closed);
  await page.pass(1);
  assert.ok(page.socket.closed);
  const [{code, reason, wait}] = page.lost;
  assert.deepEqual([code, reason, wait], [1006, "silent", 500]);
  await page.pass(500);
  assert.equal(page.sockets.length, 2);
});

test("a hidden page asks when it is shown; an old question does not count", async () => {
  page.live({probe});
  page.socket.open();
  await page.pass(20000);
  assert.equal(sent().length, 1);
  await page.hide();
  await page.pass(600000);
  assert.equal(sent().length, 1);
  await page.show();
  assert.equal(sent().length, 2);
  assert.ok(!page.socket.closed);
  await page.pass(9999);
  assert.ok(!page.socket.closed);
  await page.pass(1);
  assert.ok(page.socket.closed);
});

test("a page that is shown asks no sooner, and dials no second time", async () => {
  const live = page.live({probe});
  page.socket.open();
  await page.pass(19000);
  await page.happens("pageshow");
  live.retry();
  await page.pass(999);
  assert.deepEqual(sent(), []);
  assert.equal(page.sockets.length, 1);
});

test("timers that come late do not postpone the question", async () => {
  page.live({probe});
  page.socket.open();
  page.sleep(600000);
  await page.pass(0);
  assert.equal(sent().length, 1);
});

test("a new connection begins anew", async () => {
  page.live({probe});
  page.socket.open();
  await page.pass(30500);
  page.socket.open();
  await page.pass(19999);
  assert.deepEqual(sent(), []);
  await page.pass(1);
  assert.deepEqual(sent(), [probe]);
});
