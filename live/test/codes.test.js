import assert from "node:assert/strict";
import {readFileSync} from "node:fs";
import {beforeEach, test} from "node:test";
import {Page} from "./page.js";

let page;
beforeEach(() => { page = Page.install(); });

const answers = (status, text = "") => async () => ({status, text: async () => text});

async function closed(code) {
  page.live();
  page.socket.open();
  await page.pass(2000);
  await page.socket.ends(code, "why");
}

for (const code of [1002, 1003, 1007, 1008, 1009, 1010, 4000, 4001, 4050, 4099]) {
  test(`${code} is final`, async () => {
    await closed(code);
    assert.deepEqual(page.ends, [{code, reason: "why", status: 0, failures: 0}]);
    assert.equal(page.lost.length, 0);
    await page.happens("online");
    await page.pass(600000);
    assert.equal(page.sockets.length, 1);
    assert.equal(page.timers, 0);
  });
}

for (const code of [4200, 4250, 4299]) {
  test(`${code} leads elsewhere at once`, async () => {
    await closed(code);
    assert.equal(page.lost[0].wait, 0);
    assert.equal(page.sockets.length, 2);
    page.socket.open();
    await page.socket.ends(code); // a server that says nothing else
    assert.equal(page.lost[1].wait, 1000);
    assert.equal(page.sockets.length, 2);
  });
}

// The table of the README, for all codes that a server can send.
test("the policy is what the README says", async () => {
  const text = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const table = text.match(/^\| close code .*\n\|[- |]*\n((\|.*\n)+)/m)[1].trim();
  const rows = table.split("\n").map(row => row.split("|").map(cell => cell.trim()));
  const waits = {0: "dials", 500: "waits as", 60000: "waits for"};
  const has = (cell, code) => cell === "any other" || cell.split(", ").some(part => {
    const [first, last = first] = part.split(" to ").map(Number);
    return first <= code && code <= last;
  });
  for (let code = 1000; code < 5000; code = code === 1015 ? 3000 : code + 1) {
    page = Page.install();
    await closed(code);
    const was = page.ends.length === 1 ? "ends" : waits[page.lost[0].wait];
    const says = rows.find(([, cell]) => has(cell, code))[2];
    assert.ok(says.startsWith(was), `${code}: the README says ${says}, but it ${was}`);
  }
});

test("1013 is followed by a longer wait", async () => {
  page.random = 0;
  await closed(1013);
  assert.equal(page.lost[0].wait, 30000);
  page.random = 1;
  await page.again();
  page.socket.open();
  await page.socket.ends(1013);
  assert.equal(page.lost[1].wait, 60000);
});

for (const code of [1000, 1001, 1004, 1005, 1006, 1011, 1012, 1014, 1015, 3000, 3999,
  4100, 4199, 4300, 4401, 4999]) {
  test(`${code} is followed by the usual wait`, async () => {
    await closed(code);
    assert.equal(page.lost[0].wait, 500);
    assert.equal(page.ends.length, 0);
    await page.pass(500);
    assert.equal(page.sockets.length, 2);
  });
}

for (const status of [401, 403]) {
  test(`a handshake that is refused with ${status} ends it`, async () => {
    page.answer = answers(status);
    page.live({after: "7"});
    await page.socket.ends(1006);
    await page.pass(500);
    await page.socket.ends(1006);
    await page.pass(1000);
    assert.equal(page.asked.length, 0);
    await page.socket.ends(1006);
    assert.equal(page.asked.length, 1);
    assert.equal(page.asked[0].url, "https://example.com/socket?room=garden&after=7");
    assert.equal(page.asked[0].cache, "no-store");
    assert.ok(page.asked[0].signal instanceof AbortSignal);
    assert.deepEqual(page.ends, [{code: 1006, reason: "", status, failures: 3}]);
    await page.pass(600000);
    assert.equal(page.sockets.length, 3);
  });
}

for (const status of [200, 400, 404, 429, 502, 503]) {
  test(`a handshake that is refused with ${status} slows down`, async () => {
    page.answer = answers(status);
    page.live();
    await page.fails(3);
    assert.deepEqual(page.lost.map(e => [e.wait, e.failures, e.status]),
      [[500, 1, 0], [1000, 2, 0], [30000, 3, status]]);
  });
}

test("a server that is down is not a refusal, and not slowed down for", async () => {
  page.live();
  await page.fails(5);
  assert.deepEqual(page.lost.map(e => e.wait), [500, 1000, 2000, 4000, 8000]);
  assert.equal(page.asked.length, 3);
});

test("an open in between starts the count of failures again", async () => {
  page.answer = answers(401);
  page.live();
  await page.fails(2);
  await page.again();
  page.socket.open();
  await page.fails(3);
  assert.equal(page.asked.length, 0);
  await page.fails(1);
  assert.equal(page.asked.length, 1);
});

test("try now does not wait for the answer, which then counts for nothing", async () => {
  let answered;
  page.answer = () => new Promise(resolve => { answered = resolve; });
  const live = page.live();
  await page.fails(3);
  assert.equal(page.asked.length, 1);
  await page.pass(1000);
  live.retry();
  assert.equal(page.sockets.length, 4);
  answered({status: 401, text: async () => ""});
  await page.settle();
  assert.ok(!page.socket.closed);
  assert.equal(page.ends.length, 0);
});

test("a dial and an answer that are slow count, and nothing is dialled meanwhile", async () => {
  page.live();
  await page.fails(2);
  await page.again();
  await page.pass(6000); // the dial takes that long
  let answered;
  page.answer = () => new Promise(resolve => { answered = resolve; });
  await page.socket.ends(1006);
  await page.pass(6000);
  assert.equal(page.sockets.length, 3);
  answered({status: 403, text: async () => ""});
  await page.settle();
  assert.deepEqual(page.ends.map(e => e.status), [403]);
});

test("an address of a websocket is asked as one of HTTP", async () => {
  page.answer = answers(401);
  page.live({}, "wss://example.com/socket");
  await page.fails(3);
  assert.equal(page.asked[0].url, "https://example.com/socket");
  page = Page.install();
  page.live({}, "ws://example.com/socket");
  await page.fails(3);
  assert.equal(page.asked[0].url, "http://example.com/socket");
});
