import assert from "node:assert/strict";
import {beforeEach, test} from "node:test";
import {Page} from "./page.js";

let page;
beforeEach(() => { page = Page.install(); });

const parsed = socket => socket.sent.map(data => JSON.parse(data));
const said = () => page.sockets.map(socket => parsed(socket).map(message => message.text));
const text = words => id => ({id, text: words});

test("send is now or false", async () => {
  const live = page.live();
  assert.equal(live.send("early"), false);
  page.socket.open();
  assert.equal(live.send({text: "now"}), true);
  assert.deepEqual(page.socket.sent, ['{"text":"now"}']);
  page.socket.bufferedAmount = 2 ** 20;
  assert.equal(live.send("fits"), true);
  page.socket.bufferedAmount++;
  assert.equal(live.send("too much"), false);
  await page.socket.ends(1006);
  assert.equal(live.send("late"), false);
  assert.equal(page.sockets[0].sent.length, 2);
});

test("a connection that the server is closing takes nothing", async () => {
  const live = page.live();
  page.socket.open();
  page.socket.readyState = 2;
  assert.equal(live.send("dropped without a word"), false);
  live.say(text("one"));
  await page.pass(10000);
  assert.deepEqual(said(), [[]]);
  await page.socket.ends(1001);
  await page.again();
  page.socket.open();
  await page.pass(10000);
  assert.deepEqual(said(), [[], ["one"]]);
});

test("nothing is on the wire but the program's messages", () => {
  const heard = [];
  const live = page.live({encode: x => x, decode: x => x, onmessage: m => heard.push(m)});
  page.socket.open();
  assert.equal(page.socket.binaryType, "arraybuffer");
  const bytes = new Uint8Array([1, 2]);
  live.send(bytes);
  live.send("text");
  live.say(() => "said");
  assert.deepEqual(page.socket.sent, [bytes, "text", "said"]);
  page.socket.onmessage({data: "back"});
  assert.deepEqual(heard, ["back"]);
});

test("a message that does not decode is the page's error, and ends nothing", () => {
  page.live();
  page.socket.open();
  assert.throws(() => page.socket.onmessage({data: "{"}), SyntaxError);
  page.socket.hears("next");
  assert.deepEqual(page.events.at(-1), ["message", "next"]);
});

test("one message is under way, in order, until the page settles it", () => {
  const live = page.live();
  const one = live.say(text("one")), two = live.say(text("two"));
  page.socket.open();
  const three = live.say(text("three"));
  assert.deepEqual(said(), [["one"]]);
  assert.equal(new Set([one, two, three]).size, 3);
  assert.deepEqual(live.settle(one), {id: one, text: "one"});
  assert.deepEqual(said(), [["one", "two"]]);
  assert.equal(live.settle(one), undefined); // an echo that comes twice
  assert.equal(live.settle("a stranger's"), undefined);
  assert.deepEqual(said(), [["one", "two"]]);
  live.settle(three); // not said yet, and taken back
  live.settle(two);
  assert.deepEqual(said(), [["one", "two"]]);
  assert.deepEqual(live.unsettled, []);
});

test("it is said again after each reconnect, with the same id", async () => {
  const live = page.live();
  const one = live.say(text("one"));
  live.say(text("two"));
  for (let i = 0; i < 3; i++) {
    page.socket.open();
    await page.socket.ends(1006);
    live.settle("nothing");
    await page.pass(5000);
  }
  page.socket.open();
  assert.deepEqual(said(), [["one"], ["one"], ["one"], ["one"]]);
  for (const socket of page.sockets) assert.equal(parsed(socket)[0].id, one);
  live.settle(one);
  assert.deepEqual(said().at(-1), ["one", "two"]);
});

test("what is said or settled inside of onopen is said once", () => {
  const live = page.live({onopen() {
    live.send({text: "I am Ann"});
    live.settle(one);
    live.say(text("three"));
  }});
  const one = live.say(text("one"));
  live.say(text("two"));
  page.socket.open();
  assert.deepEqual(said(), [["I am Ann", "two"]]);
});

test("later says it again after two seconds, on a connection that is there", async () => {
  const live = page.live();
  live.say(text("one"));
  page.socket.open();
  live.later();
  live.later();
  await page.pass(1999);
  assert.deepEqual(said(), [["one"]]);
  await page.pass(1);
  assert.deepEqual(said(), [["one", "one"]]);
  await page.pass(60000);
  assert.deepEqual(said(), [["one", "one"]]);
  live.later();
  await page.socket.ends(1006);
  await page.pass(500);
  page.socket.open();
  await page.pass(60000);
  assert.deepEqual(said(), [["one", "one"], ["one"]]);
});

test("later holds back the first message only, until its time or until it is settled", async () => {
  const live = page.live();
  const one = live.say(text("one"));
  page.socket.open();
  live.later();
  live.say(text("two"));
  live.settle("a stranger's");
  await page.pass(1000);
  assert.deepEqual(said(), [["one"]]);
  live.settle(one); // the server took it after all
  assert.deepEqual(said(), [["one", "two"]]);
  await page.pass(60000);
  assert.deepEqual(said(), [["one", "two"]]);
});

test("later without a connection changes nothing", () => {
  const live = page.live();
  live.say(text("one"));
  live.later();
  page.socket.open();
  assert.deepEqual(said(), [["one"]]);
});

test("say waits while the browser is full", async () => {
  const live = page.live();
  page.socket.open();
  page.socket.bufferedAmount = 2 ** 21;
  live.say(text("one"));
  live.say(text("two"));
  await page.pass(10000);
  assert.deepEqual(said(), [[]]);
  assert.equal(page.timers, 1);
  page.socket.bufferedAmount = 0;
  await page.pass(2000);
  assert.deepEqual(said(), [["one"]]);
});

test("what was said is what it was then, and an error is the caller's", () => {
  const live = page.live();
  const message = {text: "before"};
  live.say(() => message);
  message.text = "after";
  assert.throws(() => live.say(() => 1n), TypeError);
  page.socket.open();
  assert.deepEqual(said(), [["before"]]);
  assert.equal(live.unsettled.length, 1);
});

test("at the end, what was not settled is there", async () => {
  const live = page.live();
  live.say(text("one"));
  page.socket.open();
  live.say(text("two"));
  await page.socket.ends(1009);
  assert.deepEqual(live.unsettled.map(m => m.text), ["one", "two"]);
  assert.equal(live.say(text("three")), false);
});

test("the next Live says what the last one has left, under the same ids", async () => {
  const first = page.live({position: m => m.at});
  first.say(text("one"));
  page.socket.open();
  page.socket.hears({at: "5"});
  await page.socket.ends(4001);
  const next = page.live({after: first.position});
  for (const message of first.unsettled) next.say(() => message, message.id);
  page.socket.open();
  assert.equal(page.sockets[1].url.searchParams.get("after"), "5");
  assert.equal(page.sockets[1].sent[0], page.sockets[0].sent[0]);
  assert.deepEqual(next.settle(first.unsettled[0].id), first.unsettled[0]);
});

test("the position of the last message goes into each address", async () => {
  const live = page.live({position: m => m.at});
  assert.equal(page.socket.url.searchParams.get("after"), null);
  page.socket.open();
  page.socket.hears({at: "5"});
  page.socket.hears({kind: "without"});
  assert.equal(live.position, "5");
  await page.socket.ends(1006);
  await page.pass(500);
  assert.equal(String(page.socket.url), "wss://example.com/socket?room=garden&after=5");
  page.socket.open();
  page.socket.hears({at: "a b&c"});
  await page.socket.ends(1006);
  await page.pass(1000);
  assert.equal(page.socket.url.searchParams.get("after"), "a b&c");
});

test("a page can go on from a position that it has kept", () => {
  page.live({after: "9"}, "/socket?after=1");
  assert.equal(String(page.socket.url), "wss://example.com/socket?after=9");
});

test("not complete is an event, before the message that says it", async () => {
  page.live({position: m => m.at, complete: m => m.complete});
  page.socket.open();
  page.socket.hears({complete: false, at: "1"}); // it had seen nothing
  assert.deepEqual(page.events.map(([name]) => name), ["open", "message"]);
  for (const complete of [true, undefined, false]) {
    page.events.length = 0;
    await page.socket.ends(1006);
    await page.pass(5000);
    page.socket.open();
    page.socket.hears({complete, at: "2"});
    const want = complete === false ? ["lost", "open", "incomplete", "message"]
      : ["lost", "open", "message"];
    assert.deepEqual(page.events.map(([name]) => name), want);
  }
});

test("a page that closes over what is missing is told nothing more", () => {
  const live = page.live({
    after: "1", complete: m => m.complete, position: m => m.at,
    onincomplete() { live.close(); },
  });
  page.socket.open();
  page.socket.hears({complete: false, at: "2"});
  assert.deepEqual(page.events, [["open", undefined]]);
  assert.equal(live.position, "1");
});
