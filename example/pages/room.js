// The page of a room.

import {Log} from "./log.js";
import {Socket} from "./socket.js";

const $ = id => document.getElementById(id);
const room = document.body.dataset.room;
const maxText = Number(document.body.dataset.maxText);
const maxHistory = Number(document.body.dataset.maxHistory);
const log = new Log($("log"));

let socket = null; // made by join, gone when the person has to decide
let you = null; // from the welcome: id, with which the ids of the own messages begin, and name
let lastID = null; // of what was said
let complete = false; // what was said until the connection was lost: the server said goodbye
const pending = new Map(); // own messages that the room has not shown yet: id to text, oldest first

// The key proves to the server, after a lost connection or a reload, that this is the same person. It is random and stays
// in this tab. (crypto.randomUUID would need https.)
const random = () => Array.from(crypto.getRandomValues(new Uint8Array(12)), b => b.toString(16).padStart(2, "0")).join("");
const key = sessionStorage.getItem("key") ?? random();
sessionStorage.setItem("key", key);

function join(name) {
  const url = new URL("/socket", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  url.search = new URLSearchParams({room, name, key});
  show("Connecting …");
  socket = new Socket(url, {
    message: m => handlers[m.kind]?.(m),
    lost: (wait, code) => {
      if (you !== null && $("state").dataset.is !== "lost") {
        complete = code === 1001;
        log.line("The connection is lost. What you send now is kept until it is back.");
      }
      show(`Connection lost. Trying again in ${Math.ceil(wait / 1000)} s …`, "lost");
    },
    ended: reason => leave(reason),
  });
}

const handlers = {
  welcome(m) {
    const back = you !== null;
    const history = m.history ?? [];
    const known = lastID === null || history.some(old => old.id === lastID);
    const missed = !known && !(complete && history.length < maxHistory); // a server that began anew, after ours had ended, knows all of the meantime
    you = {id: m.id, name: m.name};
    sessionStorage.setItem("name", m.name);
    sessionStorage.setItem("room", room);
    open();
    people(m.people);
    log.quietly(() => history.forEach(handlers.said));
    if (missed) log.line("Some messages of the meantime may be missing here.");
    if (back) log.line("The connection is back.");
    show("Connected");
    for (const [id, text] of pending) socket.send({kind: "say", id, text});
  },
  said(m) {
    lastID = m.id;
    const own = m.id.startsWith(you.id + "-") ? m.id.slice(you.id.length + 1) : null;
    if (pending.delete(own)) log.delivered(own, m);
    else log.said(m, own !== null);
  },
  joined(m) {
    people(m.people);
    log.line(`${m.name} joined`, m.time);
  },
  left(m) {
    people(m.people);
    log.line(`${m.name} left`, m.time);
  },
  wrong(m) {
    if (!pending.has(m.id)) return;
    if ($("text").value === "") $("text").value = pending.get(m.id);
    pending.delete(m.id);
    log.takeBack(m.id);
    complain("text", m.text);
  },
};

function say(text) {
  if (text === "") return complain("text", "There is nothing to send yet.");
  if ([...text].length > maxText) return complain("text", `That message is too long: ${maxText} characters are the most, it has ${[...text].length}.`);
  complain("text", "");
  const id = random();
  pending.set(id, text);
  log.sending(id, you.name, text);
  socket.send({kind: "say", id, text});
  $("text").value = "";
}

// open shows the room instead of the door; a reconnect finds it open.
function open() {
  complain("name", "");
  if (!$("inside").hidden) return;
  $("door").hidden = true;
  $("inside").hidden = false;
  $("text").focus();
}

// leave shows the door again, with the reason why.
function leave(reason) {
  socket = you = null;
  sessionStorage.removeItem("room");
  $("inside").hidden = true;
  $("door").hidden = false;
  show("");
  complain("name", reason || "The server ended the connection.");
}

function people(names) {
  $("count").textContent = names.length;
  $("people").replaceChildren(...names.map(name => {
    const item = document.createElement("li");
    const text = document.createElement("bdi");
    text.textContent = name;
    item.append(text);
    if (name === you.name) item.append(" (you)");
    return item;
  }));
}

function show(state, is = "") {
  $("state").textContent = state;
  $("state").dataset.is = is;
}

// complain says below a field what is wrong with it, or that nothing is.
function complain(field, text) {
  $(field + "-error").textContent = text;
  if (text === "") {
    $(field).removeAttribute("aria-invalid");
    $(field).removeAttribute("aria-describedby");
    return;
  }
  $(field).setAttribute("aria-invalid", "true");
  $(field).setAttribute("aria-describedby", field + "-error");
  $(field).focus();
}

$("enter").addEventListener("submit", event => {
  event.preventDefault();
  if (!socket) join($("name").value);
});

$("say").addEventListener("submit", event => {
  event.preventDefault();
  say($("text").value.trim());
});

for (const field of ["name", "text"]) $(field).addEventListener("input", () => complain(field, ""));

// Who was quicker than this script has sent the form to the server, and finds the name in the address.
const address = new URL(location.href);
const typed = address.searchParams.get("name");
if (typed !== null) {
  address.searchParams.delete("name");
  history.replaceState(null, "", address);
}

// After a reload the person is still in the room; in another room the name is a proposal, unless one is typed already.
const name = typed ?? sessionStorage.getItem("name") ?? "";
$("name").value ||= name;
if (typed !== null || sessionStorage.getItem("room") === room) join(name);
