// The page of a room.

import {complain, trouble} from "./door.js";
import {name as nameOf} from "./element.js";
import {Log} from "./log.js";
import {Outbox} from "./outbox.js";
import {People} from "./people.js";
import {Reader} from "./reader.js";
import {Socket} from "./socket.js";

const $ = id => document.getElementById(id);
const room = new URL(location.href).searchParams.get("room") ?? "";
const historySize = 250; // of the server

const reader = new Reader($("log"), $("newer"));
const log = new Log($("log"), reader);
const outbox = new Outbox(message => socket?.send(message));
const people = new People($("people"), [
  [$("here-title"), n => `Here now: ${n}`],
  [$("who"), n => `${n} here`],
], (person, what) => log.presence(person, what));

let socket = null; // gone when the person has to decide
let you = null; // from the welcome; null at the door
let name = ""; // that was typed
let after = ""; // where in the history this page is
let lost = false; // the connection, which was there
let catchingUp = null; // what the page knows while it gets what it has missed

// The key proves that this is the same person again, after a lost connection or a reload.
// (crypto.randomUUID would need https.)
const random = () => Array.from(crypto.getRandomValues(new Uint8Array(12)),
  b => b.toString(16).padStart(2, "0")).join("");
const key = localStorage.getItem("key") ?? random();
localStorage.setItem("key", key);

function address() {
  const url = new URL("/socket", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.search = new URLSearchParams({room, name, key, after});
  return url;
}

function join(typed) {
  socket?.stop();
  name = typed;
  const mine = socket = new Socket(address, {
    message: m => handlers[m.kind]?.(m),
    lost: async (wait, code, tries) => {
      outbox.pause();
      if (you) return lose(wait, code);
      const what = await trouble(code, tries);
      if (socket === mine && !you) $("door-state").textContent = what;
    },
    ended,
  });
  if (!you) $("door-state").textContent = "Connecting …";
}

function lose(wait, code) {
  if (!lost) {
    log.line("The connection is lost. What you send now is kept until it is back.");
    lost = {goodbye: code === 1001};
  }
  const seconds = Math.ceil(wait / 1000);
  show(`Connection lost. Trying again in ${seconds} s …`, "lost");
}

const handlers = {
  welcome(m) {
    if (lost) log.line("The connection is back.");
    catchingUp = {complete: m.complete || after === "", known: false, count: 0};
    you = m.from;
    sessionStorage.setItem("room", room);
    localStorage.setItem("name", you.name);
    open();
    people.welcome(you, m.joined ?? []);
    show("");
    log.quiet(true);
    socket.send({kind: "probe", id: "caught up"}); // comes back after what was missed
    after = m.at || after;
  },
  probe(m) {
    if (m.id !== "caught up" || !catchingUp) return;
    const {complete, known, count} = catchingUp;
    const newServer = lost.goodbye && count < historySize; // it knows all since its begin
    if (!complete && !known && !newServer) {
      log.line("Some messages of the meantime may be missing here.");
    }
    catchingUp = null;
    lost = false;
    setTimeout(() => log.quiet(false), 500);
    for (const {id, text} of outbox.resume(complete)) {
      takeBack(id, text, "perhaps this was delivered. Please look, and send it again if not");
    }
  },
  said(m) {
    after = m.at;
    const mine = m.from.id === you.id;
    const own = mine ? m.id.slice(you.id.length + 1) : null;
    const fresh = log.said(m, own, mine);
    if (catchingUp) {
      catchingUp.count++;
      catchingUp.known ||= !fresh;
    }
    outbox.remove(own);
  },
  news(m) { people.news(m.joined ?? [], m.left ?? []); },
  kept(m) {
    outbox.remove(m.id);
    log.kept(m.id);
  },
  later() { outbox.later(); },
  wrong(m) {
    const message = outbox.remove(m.id);
    if (message) takeBack(m.id, message.text, m.text);
  },
};

function takeBack(id, text, reason) {
  log.takeBack(id);
  $("text").value ||= text;
  complain($("text"), reason);
}

// ended is for the server's refusals. Somebody who was in keeps the place under another
// name, when the name turns out to be somebody else's.
function ended(code, reason) {
  socket = null;
  if (code !== 4001 || !you) return leave(reason);
  const [, words, number = 1] = name.match(/^(.*?)(?: (\d+))?$/u);
  const other = `${[...words].slice(0, 20).join("")} ${Number(number) + 1}`;
  log.line(`Somebody had the name ${name} before you. You are ${other} now.`);
  join(other);
}

// open shows the room instead of the door; a reconnect finds it open.
function open() {
  complain($("name"), "");
  $("door-state").textContent = "";
  if (!$("inside").hidden) return;
  $("door").hidden = true;
  $("inside").hidden = $("who").hidden = false;
  $("text").focus();
}

// leave shows the door again, with the reason why.
function leave(reason) {
  you = null;
  lost = false;
  sessionStorage.removeItem("room");
  $("inside").hidden = $("who").hidden = true;
  $("door").hidden = false;
  $("door-state").textContent = "";
  show("");
  complain($("name"), reason || "the server ended the connection");
}

function show(state, is = "") {
  $("state").textContent = state;
  $("state").dataset.is = is;
}

function say() {
  const text = $("text").value.trim();
  if (text === "") return complain($("text"), "there is nothing to send yet");
  complain($("text"), "");
  const id = random();
  log.sending(id, you, text);
  outbox.add(id, text);
  $("text").value = "";
}

$("title").append(nameOf(room));
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

// Enter sends; with Shift it is a new line, as in what is pasted.
let shift = false;
$("text").addEventListener("keydown", event => { shift = event.shiftKey; });
$("text").addEventListener("beforeinput", event => {
  if (event.inputType !== "insertLineBreak" || shift) return;
  event.preventDefault();
  say();
});

for (const id of ["name", "text"]) $(id).addEventListener("input", () => complain($(id), ""));

function showPeople(open) {
  $("here").classList.toggle("open", open);
  $("who").ariaExpanded = String(open);
}
$("who").addEventListener("click", () => showPeople(!$("here").classList.contains("open")));
addEventListener("keydown", event => { if (event.key === "Escape") showPeople(false); });

// After a reload the person is still in the room; in another room the name is a proposal.
$("name").value ||= localStorage.getItem("name") ?? "";
if (sessionStorage.getItem("room") === room && $("name").value) join($("name").value);
else $("name").focus();
