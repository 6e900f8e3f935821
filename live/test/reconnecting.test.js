import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";
import {Page} from "./page.js";

let page;
beforeEach(() => { page = Page.install(); });

test("it dials at once, and tells of the open", () => {
  page.live();
  assert.equal(page.sockets.length, 1);
  assert.equal(String(page.socket.url), "wss://example.com/socket?room=garden");
  page.socket.open();
  assert.deepEqual(page.events, [["open", undefined]]);
});

test("an address without TLS is dialled without", () => {
  location = "http://localhost:3000/";
  page.live({}, () => new URL("/socket", location));
  assert.equal(String(page.socket.url), "ws://localhost:3000/socket");
});

test("each dial offers the subprotocols that the page has then", async () => {
  const protocols = ["chat", "bearer.first"];
  page.live({protocols});
  assert.deepEqual(page.socket.protocols, ["chat", "bearer.first"]);
  protocols[1] = "bearer.second";
  await page.socket.ends(1006);
  await page.pass(500);
  assert.equal(page.sockets.length, 2);
  assert.equal(page.socket.protocols[1], "bearer.second");
});

test("the wait doubles from half a second to thirty", async () => {
  page.live();
  const waits = [];
  for (let i = 0; i < 10; i++) {
    await page.socket.ends(1006);
    waits.push(page.lost.at(-1).wait);
    await page.pass(waits.at(-1) - 1);
    assert.equal(page.sockets.length, i + 1);
    await page.pass(1);
    assert.equal(page.sockets.length, i + 2);
  }
  assert.deepEqual(waits,
    [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000, 30000]);
});

test("the wait is any part of that", async () => {
  page.random = 0.01;
  page.live();
  page.socket.open();
  await page.socket.ends(1006);
  assert.equal(page.lost[0].wait, 5);
  await page.pass(5);
  assert.equal(page.sockets.length, 2);
});

test("a server that accepts and closes is dialled ever more slowly", async () => {
  page.live();
  for (let i = 0; i < 8; i++) {
    page.socket.open();
    await page.pass(4900);
    await page.socket.ends(1011);
    await page.again();
  }
  assert.deepEqual(page.lost.map(e => e.wait),
    [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
});

test("five seconds up lead back to the shortest wait", async () => {
  page.live();
  await page.fails(5);
  await page.again();
  page.socket.open();
  await page.pass(5000);
  await page.socket.ends(1006);
  assert.equal(page.lost.at(-1).wait, 500);
});

for (const [type, happens] of Object.entries({
  online: async () => {
    navigator.onLine = false;
    await page.happens("offline");
    navigator.onLine = true;
    await page.happens("online");
  },
  "a page that is shown": async () => {
    await page.hide();
    await page.show();
  },
  "a page from the back/forward cache": () => page.happens("pageshow"),
  retry: live => live.retry(),
})) {
  test(`at once, but once a second: ${type}`, async () => {
    const live = page.live();
    await page.fails(6); // up to a wait of 16 s
    await page.pass(2000);
    assert.equal(page.sockets.length, 6);
    await happens(live);
    assert.equal(page.sockets.length, 7);
    await page.socket.ends(1006);
    for (let i = 0; i < 10; i++) await happens(live);
    await page.pass(999);
    assert.equal(page.sockets.length, 7);
    await page.pass(1);
    assert.equal(page.sockets.length, 8);
  });
}

test("a shorter wait is not made longer by that", async () => {
  page.random = 0.1;
  const live = page.live();
  await page.socket.ends(1006);
  live.retry();
  await page.pass(50);
  assert.equal(page.sockets.length, 2);
});

test("ten minutes hidden: no dialling, then at once", async () => {
  page.live();
  page.socket.open();
  await page.hide();
  await page.pass(60000);
  await page.socket.ends(1006);
  await page.pass(600000);
  assert.equal(page.sockets.length, 1);
  assert.equal(page.timers, 0);
  await page.show();
  assert.equal(page.sockets.length, 2);
});

test("a page that is loaded in the background dials when it is shown", async () => {
  document.hidden = true;
  page.live();
  await page.pass(600000);
  assert.equal(page.sockets.length, 0);
  await page.show();
  assert.equal(page.sockets.length, 1);
});

test("a timer that sleeps for ten minutes does not add its wait", async () => {
  page.live();
  await page.fails(8);
  page.sleep(600000);
  await page.happens("pageshow");
  assert.equal(page.sockets.length, 9);
  assert.equal(page.socket.at, page.now);
});

test("no dialling while offline", async () => {
  page.live();
  page.socket.open();
  navigator.onLine = false;
  await page.happens("offline");
  assert.ok(page.socket.closed);
  assert.deepEqual([page.lost[0].code, page.lost[0].reason], [1006, "offline"]);
  await page.happens("offline");
  await page.pass(600000);
  assert.equal(page.sockets.length, 1);
  assert.equal(page.lost.length, 1);
  navigator.onLine = true;
  await page.happens("online");
  assert.equal(page.sockets.length, 2);
});

test("a page that is left closes its connection, and can come back", async () => {
  page.live();
  page.socket.open();
  await page.happens("pagehide");
  assert.ok(page.socket.closed);
  assert.equal(page.sockets.length, 1);
  page.sleep(600000);
  await page.happens("pageshow");
  assert.equal(page.sockets.length, 2);
});

test("a handshake without an answer is given up after ten seconds", async () => {
  page.live();
  await page.pass(9999);
  assert.ok(!page.socket.closed);
  await page.pass(1);
  assert.ok(page.socket.closed);
  assert.equal(page.lost[0].reason, "silent");
  await page.pass(500);
  assert.equal(page.sockets.length, 2);
});

test("also in a page that is hidden, which later dials at once", async () => {
  page.live();
  await page.hide();
  await page.pass(600000);
  assert.equal(page.lost.length, 1);
  await page.show();
  assert.equal(page.sockets.length, 2);
});

test("what an earlier connection still says is not heard", async () => {
  page.live();
  page.socket.open();
  const [first] = page.sockets;
  await page.happens("offline");
  await page.pass(500);
  first.hears("late");
  await first.ends(4001);
  first.open();
  assert.deepEqual(page.events.map(([name]) => name), ["open", "lost"]);
  assert.ok(!page.socket.closed);
});

test("close ends it, without an event and without a timer", async () => {
  const live = page.live({probe: "there?"});
  page.socket.open();
  live.close();
  assert.ok(page.socket.closed);
  assert.equal(page.timers, 0);
  assert.equal(page.listeners, 0);
  await page.socket.ends(1005);
  for (const type of ["online", "pageshow", "visibilitychange"]) await page.happens(type);
  live.retry();
  await page.pass(600000);
  assert.equal(page.sockets.length, 1);
  assert.equal(page.timers, 0);
  assert.deepEqual(page.events, [["open", undefined]]);
  assert.equal(live.send(1), false);
  assert.equal(live.say(id => ({id})), false);
});

test("close ends it while the outbox waits", async () => {
  const live = page.live();
  live.say(id => id);
  page.socket.open();
  live.later();
  live.close();
  assert.equal(page.timers, 0);
  assert.equal(live.unsettled.length, 1);
});

test("an address that is none is the program's error, and leaves nothing", async () => {
  assert.throws(() => page.live({}, "http://["), TypeError);
  assert.throws(() => page.live({}, () => { throw new RangeError("mine"); }), RangeError);
  assert.deepEqual([page.timers, page.listeners, page.sockets.length], [0, 0, 0]);
});

test("close ends it while it waits, and while it asks", async () => {
  const waits = page.live();
  await page.socket.ends(1006);
  waits.close();
  await page.pass(60000);
  assert.equal(page.sockets.length, 1);
  let answered;
  page.answer = () => new Promise(resolve => { answered = resolve; });
  const asks = page.live();
  await page.fails(3);
  assert.equal(page.asked.length, 1);
  asks.close();
  answered({status: 401, text: async () => ""});
  await page.pass(60000);
  assert.equal(page.ends.length, 0);
});

test("a handler that throws is reported, and harms nothing", async () => {
  page.live({
    onopen() { throw new Error("open"); },
    onlost() { throw new Error("lost"); },
    onmessage() { throw new Error("message"); },
  });
  page.socket.open();
  page.socket.hears("x");
  await page.socket.ends(1006);
  await page.pass(500);
  assert.equal(page.sockets.length, 2);
  assert.deepEqual(page.errors.map(e => e.message), ["open", "message", "lost"]);
});

test("retry and close work inside of handlers", async () => {
  const live = page.live({onlost() { live.retry(); }, onopen() { live.close(); }});
  await page.pass(1000);
  await page.socket.ends(1006);
  assert.equal(page.sockets.length, 2);
  await page.pass(600); // more than the wait that was told
  assert.ok(!page.socket.closed);
  page.socket.open();
  assert.ok(page.socket.closed);
  await page.pass(60000);
  assert.equal(page.sockets.length, 2);
});

test("a clock that is set back does not stop it", async () => {
  page.live();
  page.socket.open();
  await page.socket.ends(1006);
  page.now -= 3600000;
  await page.happens("pageshow");
  await page.pass(2000);
  assert.equal(page.sockets.length, 2);
});
