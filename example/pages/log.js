// The messages and lines of a room, as the page shows them: in the order of the room's
// history, each once. What is under way stays below.

import {element, linked, name} from "./element.js";
import {face, named, paint} from "./faces.js";
import {Fold} from "./fold.js";

const most = 500; // more are taken out at the top
const together = 300000; // messages of one person within this time form a group

const clock = date => date.toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"});

export class Log {
  #box; #reader; #seen = new Set(); #sending = new Map(); #day = "";

  constructor(box, reader) {
    this.#box = box;
    this.#reader = reader;
  }

  // said shows a message, and reports whether it is new. Own is the id under which this
  // page has sent it, if it has; mine says that the person did, from any page.
  said(message, own, mine) {
    if (this.#seen.has(message.id)) return false;
    this.#seen.add(message.id);
    const bubble = this.#sending.get(own) ?? this.#bubble(message, mine);
    this.#sending.delete(own);
    this.#mark(bubble, mine ? "delivered" : "");
    this.#date(bubble, new Date(message.time));
    this.#put(bubble);
    this.#reader.came(bubble, mine);
    this.#group(bubble);
    this.#trim();
    return true;
  }

  // sending shows an own message before the room has it.
  sending(id, from, text) {
    const bubble = this.#bubble({from, text}, true);
    this.#mark(bubble, "sending");
    bubble.date = new Date();
    this.#sending.set(id, bubble);
    this.#box.append(bubble);
    this.#group(bubble);
    this.#reader.toEnd();
  }

  // kept says that the room has a message that this page sent.
  kept(id) { this.#mark(this.#sending.get(id), "delivered"); }

  takeBack(id) {
    this.#sending.get(id)?.remove();
    this.#sending.delete(id);
  }

  line(text) { this.#put(element("p", "line", text)); }

  // presence tells who joined or left, in one line with those just before.
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

  #bubble(message, mine) {
    const bubble = element("article", mine ? "message mine" : "message");
    const text = element("p", "text", ...linked(message.text));
    text.dir = "auto";
    bubble.from = message.from.id;
    paint(bubble, message.from);
    const names = mine ? [element("span", "hidden", name(message.from.name))] : named(message.from);
    bubble.append(face(message.from), element("p", "who", ...names), text);
    return bubble;
  }

  #mark(bubble, what) {
    if (!bubble || !what) return;
    bubble.classList.remove("sending");
    bubble.classList.add(what);
    bubble.querySelector(".mark")?.remove();
    bubble.append(element("p", "mark", what));
  }

  #date(bubble, date) {
    bubble.date = isNaN(date) ? new Date() : date;
    const time = element("time", "", clock(bubble.date));
    time.dateTime = bubble.date.toISOString();
    bubble.querySelector(".who").append(time);
    bubble.title = bubble.date.toLocaleString();
    const day = bubble.date.toDateString();
    if (day !== this.#day) this.#put(element("p", "day", dayName(bubble.date)));
    this.#day = day;
  }

  // group joins a message to the one before, if that is the same person's.
  #group(bubble) {
    const before = bubble.previousElementSibling;
    const more = before?.from === bubble.from && bubble.date - before.date < together;
    bubble.classList.toggle("more", more);
    bubble.querySelector(".who").classList.toggle("hidden", more);
  }

  // end is the last element that is not under way.
  #end() {
    const [first] = this.#sending.values();
    return first ? first.previousElementSibling : this.#box.lastElementChild;
  }

  #put(made) {
    const [first] = this.#sending.values();
    this.#box.insertBefore(made, first ?? null);
    this.#reader.settle();
  }

  // trim does nothing under the eyes of somebody who reads further up.
  #trim() {
    while (this.#reader.follows && this.#box.childElementCount > most) {
      this.#box.firstElementChild.remove();
    }
  }
}

function dayName(date) {
  const days = (new Date().setHours(12) - new Date(date).setHours(12)) / 86400000;
  if (Math.round(days) === 0) return "Today";
  if (Math.round(days) === 1) return "Yesterday";
  return date.toLocaleDateString([], {dateStyle: "full"});
}
