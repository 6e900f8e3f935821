// The page of a room.

import {Banner, why} from "./banner.js";
import {$, element, name as nameOf} from "./element.js";
import {complain, Field} from "./field.js";
import {Live} from "./live.js";
import {Log} from "./log.js";
import {browser, tab} from "./memory.js";
import {People} from "./people.js";
import {Reader} from "./reader.js";

const room = new URL(location.href).searchParams.get("room")?.trim() ?? "";
const historySize = 250; // of the server

const reader = new Reader($("log"), $("newer"));
const log = new Log($("log"), reader);
const people = new People($("people"), [
  [$("here-title"), n => `Here now: ${n}`],
  [$("who"), n => `${n} here`],
], (person, what) => log.presence(person, what));
const field = new Field($("text"), $("count"), keep);
const banner = new Banner($("lost"), () => live?.retry());

let live; // the connection
let you = null; // from the welcome; null at the door
let name = ""; // that was typed
let up = false; // there is a connection, and the page has what it missed
let goodbye = false; // the server went with a word
let missed = null; // what the page knows while it gets what it missed

// What this page has said and the room does not have, by id, also over a reload: what is
// yet to be said, and drafts, which have a reason why they were not.
const own = new Map();

function keep() {
  tab.set("kept " + room, JSON.stringify({text: field.text, own: [...own]}));
}

// The key proves that this is the same person again, after a lost connection or a reload.
// (crypto.randomUUID would need https.)
const random = () => Array.from(crypto.getRandomValues(new Uint8Array(12)),
  b => b.toString(16).padStart(2, "0")).join("");
const key = browser.get("key") ?? random();
browser.set("key", key);

function join(typed) {
  live?.close();
  const after = live?.position;
  name = typed;
  live = new Live(() => "/socket?" + new URLSearchParams({room, name, key}), {
    after, position: m => m.at, probe: {kind: "probe"},
    onmessage: m => handlers[m.kind]?.(m), onlost: lost, onend: ended,
  });
  for (const [id, {text, reason}] of own) if (!reason) give(id, text);
  if (!you) $("door-state").textContent = "Connecting …";
}

const give = (id, text) => live.say(() => ({kind: "say", id, text}), id);

function lost(event) {
  goodbye ||= event.code === 1001;
  up = false;
  $("door-state").textContent = "";
  banner.lost(why(event), event.wait);
  mark();
}

// mark says of each own message what becomes of it. One is under way at a time.
function mark() {
  live.unsettled.forEach((m, i) => log.mark(m.id, up && i === 0 ? "sending" : "waiting"));
}

// settle takes out a message that the room has, or will never have.
function settle(id) {
  const settled = live.settle(id);
  if (settled) own.delete(id);
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
    $("empty").hidden = true;
    if (missed) {
      missed.count++;
      missed.known ||= !fresh && !mine;
    }
    if (mine) settle(id);
  },
  now() {
    const newServer = goodbye && missed.count < historySize; // it knows all since its begin
    if (!missed.complete && !missed.known && !newServer) {
      log.line("Some messages of the meantime may be missing here.");
    }
    missed = null;
    goodbye = false;
    up = true;
    $("empty").hidden = !log.empty;
    setTimeout(() => log.quiet(false), 500);
    mark();
  },
  news(m) { people.news(m.joined ?? [], m.left ?? []); },
  kept(m) { if (settle(m.id)) log.mark(m.id, "delivered"); },
  later(m) {
    live.later();
    log.mark(m.id, "waiting");
  },
  wrong(m) {
    const refused = settle(m.id);
    if (refused) draft(m.id, refused.text, m.text);
  },
};

// draft leaves a text to the person, who may take it into the field, in exchange for what
// is there.
function draft(id, text, reason) {
  own.set(id, {text, reason});
  const edit = element("button", "quiet", "Edit");
  edit.addEventListener("click", () => {
    log.takeBack(id);
    own.delete(id);
    const other = field.text.trim();
    field.text = text;
    if (other) {
      const next = random();
      log.own(next, you, other);
      draft(next, other, "a draft");
    }
    keep();
  });
  log.mark(id, `not sent: ${reason} `, edit);
  keep();
}

// ended is for the server's refusals. Somebody who was in keeps the place under another
// name, when the name turns out to be somebody else's.
function ended({code, reason, status}) {
  up = false;
  mark();
  if (code === 4002) return nowhere(reason);
  if (code !== 4001 || !you) {
    return leave(status ? `the server, or a proxy on the way, refuses websockets (${status})` : reason);
  }
  const [, words, number = 1] = name.match(/^(.*?)(?: (\d+))?$/u);
  const other = `${[...words].slice(0, 20).join("")} ${Number(number) + 1}`;
  log.line(`Somebody had the name ${name} before you. You are ${other} now.`);
  join(other);
}

// show shows one of the three parts of the page.
function show(part) {
  for (const id of ["nowhere", "door", "inside"]) $(id).hidden = id !== part;
  $("who").hidden = part !== "inside";
}

// open shows the room instead of the door; a reconnect finds it open.
function open() {
  complain($("name"), "");
  $("door-state").textContent = "";
  if (!$("inside").hidden) return;
  show("inside");
  $("text").focus();
  for (const [id, {text, reason}] of own) {
    log.own(id, you, text);
    if (reason) draft(id, text, reason);
  }
}

// leave shows the door again, with the reason why.
function leave(reason) {
  you = null;
  tab.set("room", "");
  for (const id of own.keys()) log.takeBack(id);
  banner.over();
  show("door");
  $("door-state").textContent = "";
  complain($("name"), reason || "the server ended the connection");
}

function nowhere(reason) {
  banner.over();
  show("nowhere");
  $("nowhere-reason").textContent = `There is no such room: ${reason}.`;
}

function say() {
  const text = field.text.trim();
  const wrong = text === "" ? "there is nothing to send yet" : field.wrong;
  complain($("text"), wrong);
  $("text").focus();
  if (wrong) return;
  const id = random();
  own.set(id, {text});
  log.own(id, you, text);
  $("empty").hidden = true;
  field.text = "";
  give(id, text);
  keep();
  mark();
}

$("title").append(nameOf(room));
$("title").title = room;
$("link").value = location.href;
$("copy").addEventListener("click", () => {
  $("link").select();
  document.execCommand("copy"); // which needs no https
  $("copy").textContent = "Copied";
});
reader.title = `${room} – Chat`;

$("enter").addEventListener("submit", event => {
  event.preventDefault();
  complain($("name"), "");
  join($("name").value);
});

$("say").addEventListener("submit", event => {
  event.preventDefault();
  say();
});
field.enter = say;
$("send").addEventListener("mousedown", event => event.preventDefault()); // keeps the focus

for (const id of ["name", "text"]) $(id).addEventListener("input", () => complain($(id), ""));

// On a phone the people are behind a button.
function showPeople(open) {
  if (open === $("here").classList.contains("open")) return;
  $("here").classList.toggle("open", open);
  $("who").ariaExpanded = String(open);
  $(open ? "close" : "who").focus();
}
$("who").addEventListener("click", () => showPeople(!$("here").classList.contains("open")));
$("close").addEventListener("click", () => showPeople(false));
addEventListener("keydown", event => { if (event.key === "Escape") showPeople(false); });
addEventListener("click", event => { if (!event.target.closest("#here, #who")) showPeople(false); });

// After a reload the person is still in the room; in another room the name is a proposal.
try {
  const kept = JSON.parse(tab.get("kept " + room)) ?? {};
  for (const [id, entry] of kept.own ?? []) own.set(id, entry);
  field.text = kept.text ?? "";
} catch { /* is not ours */ }
$("name").value ||= browser.get("name") ?? "";
if (!room) nowhere("the address has no name of a room");
else if (tab.get("room") === room && $("name").value) join($("name").value);
else $("name").focus();
