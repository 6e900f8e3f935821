// The messages of a room, in the order of its history, each once. What the room does not
// have yet stays below.

import {element, linked} from "./element.js";
import {face, named, paint} from "./faces.js";
import {Fold} from "./fold.js";

const most = 500; // more are taken out at the top
const together = 300000; // messages of one person within this time form a group

const clock = date => date.toLocaleTimeString(navigator.languages, {timeStyle: "short"});

export class Log {
  #box; #reader; #seen = new Set(); #own = new Map(); #day = ""; #count = 0;

  constructor(box, reader) {
    this.#box = box;
    this.#reader = reader;
  }

  get empty() { return this.#seen.size + this.#own.size === 0; }

  // said shows a message, and reports whether it is new. Own is its id if this page has
  // sent it; mine means that the person has, from any page.
  said(message, own, mine) {
    if (this.#seen.has(message.id)) return false;
    this.#seen.add(message.id);
    const bubble = this.#own.get(own) ?? this.#bubble(message, mine);
    this.#put(bubble);
    this.#own.delete(own);
    this.#mark(bubble, mine ? "delivered" : "");
    this.#date(bubble, new Date(message.time));
    this.#reader.came(bubble, mine);
    this.#group(bubble);
    this.#trim();
    return true;
  }

  // own shows a message of this page that the room does not have.
  own(id, from, text) {
    const bubble = this.#bubble({from, text}, true);
    bubble.date = new Date();
    this.#own.set(id, bubble);
    this.#box.append(bubble);
    this.#group(bubble);
    this.#reader.toEnd();
  }

  // mark says what has become of it.
  mark(id, what, ...more) { this.#mark(this.#own.get(id), what, ...more); }

  takeBack(id) {
    this.#own.get(id)?.remove();
    this.#own.delete(id);
  }

  line(text) { this.#put(element("p", "line", text)); }

  // presence tells who joined or left, in one line with those before.
  presence(person, what) {
    if (!this.#end()?.fold) {
      const line = element("p", "line");
      line.fold = new Fold(line);
      this.#put(line);
    }
    this.#end().fold.add(person, what);
    this.#reader.settle();
  }

  // quiet keeps a screen reader from reading all that was missed.
  quiet(on) { this.#box.ariaLive = on ? "off" : null; }

  // An article is named by who said what.
  #bubble(message, mine) {
    const bubble = element("article", mine ? "message mine" : "message");
    const text = element("p", "text", ...linked(message.text));
    const who = element("span", mine ? "hidden" : "", ...named(message.from));
    text.dir = "auto";
    [who.id, text.id] = [`who-${++this.#count}`, `text-${this.#count}`];
    bubble.setAttribute("aria-labelledby", `${who.id} ${text.id}`);
    bubble.from = message.from.id;
    paint(bubble, message.from);
    bubble.append(face(message.from), element("p", "who", who), text);
    return bubble;
  }

  #mark(bubble, what, ...more) {
    if (!bubble || !what) return;
    bubble.dataset.is = what;
    const mark = bubble.querySelector(".mark") ?? element("p", "mark");
    if (mark.firstChild?.data !== what) mark.replaceChildren(what, ...more);
    if (!mark.parentNode) bubble.append(mark);
  }

  #date(bubble, date) {
    bubble.date = isNaN(date) ? new Date() : date;
    const time = element("time", "", clock(bubble.date));
    time.dateTime = bubble.date.toISOString();
    bubble.querySelector(".who").append(time);
    const day = bubble.date.toDateString();
    if (day !== this.#day) bubble.before(element("p", "day", dayName(bubble.date)));
    this.#day = day;
  }

  // group joins the messages of one person.
  #group(bubble) {
    const before = bubble.previousElementSibling;
    const more = before?.from === bubble.from && bubble.date - before.date < together;
    bubble.classList.toggle("more", more);
    bubble.querySelector(".who").classList.toggle("hidden", more);
  }

  // end is the last element that the room has.
  #end() {
    const [first] = this.#own.values();
    return first ? first.previousElementSibling : this.#box.lastElementChild;
  }

  // put does not move what is in its place, which would be read again.
  #put(made) {
    const [first] = this.#own.values();
    if (made !== first) this.#box.insertBefore(made, first ?? null);
    this.#reader.settle();
  }

  // trim does nothing to somebody who reads further up.
  #trim() {
    while (this.#reader.follows && this.#box.childElementCount > most) {
      this.#box.firstElementChild.remove();
    }
  }
}

function dayName(date) {
  const days = Math.round((new Date().setHours(12) - new Date(date).setHours(12)) / 86400000);
  return ["Today", "Yesterday"][days] ?? date.toLocaleDateString(navigator.languages, {dateStyle: "full"});
}
