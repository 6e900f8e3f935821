// The page of a room.

import {Banner} from "./banner.js";
import {$, element, name as nameOf} from "./element.js";
import {complain, Field} from "./field.js";
import {Live} from "./live.js";
import {Log} from "./log.js";
import {browser, tab} from "./memory.js";
import {People} from "./people.js";
import {Reader} from "./reader.js";

const room = new URL(location.href).searchParams.get("room")?.trim() ?? "";

const reader = new Reader($("log"), $("newer"), `${room} – Chat`);
const log = new Log($("log"), reader);
const people = new People($("people"), n => {
  $("here-title").textContent = `Here now: ${n}`;
  $("who").textContent = `${n} here`;
}, (person, what) => log.presence(person, what));
const field = new Field($("text"), $("count"), say, keep);
const banner = new Banner($("lost"), () => live.retry());

let live, name = ""; // the connection, and the name that was typed
let you = null; // from the welcome; null at the door
let up = false; // connected, and the page has what it missed
let goodbye = false; // the server went with a word
let missed = null; // while the page gets what it missed

// What was said here and the room does not have, by id: {text, reason}. Drafts have a reason.
const own = new Map();

// keep is for a reload.
function keep() {
  tab.set("kept " + room, JSON.stringify({text: field.text, own: [...own]}));
}

const random = () => crypto.getRandomValues(new Uint32Array(3)).join("-");
// The key proves that this is the same person again.
const key = browser.get("key") ?? random();
browser.set("key", key);

function join(typed) {
  live?.close();
  name = typed;
  live = new Live(() => "/socket?" + new URLSearchParams({room, name, key}), {
    after: live?.position, position: m => m.at, probe: {kind: "probe"},
    onmessage: m => handlers[m.kind]?.(m), onlost: lost, onend: ended,
  });
  for (const [id, {text, reason}] of own) if (!reason) give(id, text);
  $("join").textContent = "Connecting …";
}

const give = (id, text) => live.say(() => ({kind: "say", id, text}), id);

function lost(event) {
  goodbye ||= event.code === 1001;
  up = false;
  banner.lost(event, event.wait);
  mark();
}

// One message is under way at a time.
function mark() {
  $("empty").hidden = !log.empty;
  live.unsettled.forEach((m, i) => log.mark(m.id, up && i === 0 ? "sending" : "waiting"));
}

// settle is for a message that the room has, or will never have.
function settle(id) {
  const settled = live.settle(id);
  own.delete(id);
  keep();
  mark();
  return settled;
}

const handlers = {
  welcome(m) {
    missed = {complete: m.complete || !live.position, known: false, count: 0};
    you = m.from;
    tab.set("room", room);
    browser.set("name", you.name);
    banner.over();
    open();
    people.welcome(you, m.joined ?? []);
    log.quiet(true);
  },
  said(m) {
    const mine = m.from.id === you.id;
    const id = mine ? m.id.slice(you.id.length + 1) : null;
    const fresh = log.said(m, id, mine);
    if (missed) missed.count++;
    if (missed && !mine) missed.known ||= !fresh;
    settle(id);
  },
  now() {
    const newServer = goodbye && missed.count < 250; // it has all since its begin
    if (!missed.complete && !missed.known && !newServer) {
      log.line("Some messages of the meantime may be missing here.");
    }
    missed = null;
    goodbye = false;
    up = true;
    setTimeout(() => log.quiet(false), 500);
    mark();
  },
  news(m) { people.news(m.joined ?? [], m.left ?? []); },
  kept(m) { if (settle(m.id)) log.mark(m.id, "delivered"); },
  later() { live.later(); },
  wrong(m) {
    const refused = settle(m.id);
    if (refused) draft(m.id, refused.text, m.text);
  },
};

// draft leaves a text to the person, who can exchange it for the one in the field.
function draft(id, text, reason) {
  const edit = element("button", "quiet", "Edit");
  edit.addEventListener("click", () => {
    log.takeBack(id);
    own.delete(id);
    const other = field.text.trim(), next = random();
    if (other) {
      log.own(next, you, other);
      draft(next, other, "a draft");
    }
    field.text = text;
    $("text").focus();
  });
  log.mark(id, `not sent: ${reason} `, edit);
  own.set(id, {text, reason});
  keep();
}

// Somebody who was in keeps the place under another name, if the name is somebody else's.
function ended({code, reason, status}) {
  up = false;
  mark();
  if (code === 4002) return nowhere(reason);
  if (status) reason = `the server, or a proxy, refuses with ${status}`;
  if (code !== 4001 || !you) return leave(reason || "the server ended the connection");
  const [, words, number = 1] = name.match(/^(.*?)(?: (\d+))?$/u);
  const other = `${[...words].slice(0, 20).join("")} ${Number(number) + 1}`;
  log.line(`Somebody had the name ${name} before you. You are ${other} now.`);
  join(other);
}

// show shows one part of the page.
function show(part) {
  for (const id of ["nowhere", "door", "inside"]) $(id).hidden = id !== part;
  $("who").hidden = part !== "inside";
}

function open() {
  if (!$("inside").hidden) return;
  complain($("name"), "");
  show("inside");
  $("text").focus();
  for (const [id, {text, reason}] of own) {
    log.own(id, you, text);
    if (reason) draft(id, text, reason);
  }
}

function leave(reason) {
  you = null;
  tab.set("room", "");
  for (const id of own.keys()) log.takeBack(id);
  banner.over();
  show("door");
  $("join").textContent = "Join";
  complain($("name"), reason);
}

function nowhere(reason) {
  banner.over();
  show("nowhere");
  $("nowhere-reason").textContent = `There is no such room: ${reason}.`;
}

function say() {
  const text = field.text.trim();
  complain($("text"), field.wrong);
  $("text").focus();
  if (field.wrong) return;
  const id = random();
  own.set(id, {text});
  log.own(id, you, text);
  give(id, text);
  mark();
  field.text = "";
}

$("title").append(nameOf(room));
$("link").value = location.href;
$("copy").addEventListener("click", () => {
  $("link").select();
  document.execCommand("copy"); // which needs no https
  $("copy").textContent = "Copied";
});

addEventListener("submit", event => {
  event.preventDefault();
  if (event.target.id === "say") return say();
  complain($("name"), "");
  join($("name").value);
});
$("send").addEventListener("mousedown", event => event.preventDefault()); // keeps the focus

addEventListener("input", ({target}) => complain(target, ""));

// On a phone the people are behind a button.
function showPeople(open) {
  if (open === $("here").classList.contains("open")) return;
  $("here").classList.toggle("open", open);
  $("who").ariaExpanded = String(open);
  $(open ? "close" : "who").focus();
}
addEventListener("keydown", event => { if (event.key === "Escape") showPeople(false); });
addEventListener("click", ({target}) => {
  if (target.closest("#who")) showPeople(!$("here").classList.contains("open"));
  else if (target.id === "close" || !target.closest("#here")) showPeople(false);
});

// After a reload the person is still in the room.
const kept = JSON.parse(tab.get("kept " + room)) ?? {own: [], text: ""};
for (const [id, entry] of kept.own) own.set(id, entry);
field.text = kept.text;
$("name").value ||= browser.get("name") ?? "";
if (!room) nowhere("the address has no name of a room");
else if (tab.get("room") === room && $("name").value) join($("name").value);
else $("name").focus();
