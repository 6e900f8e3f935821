// The messages and lines of a room, as the page shows them: in the order of their times, each once. Everything that people
// wrote goes in as text, never as markup.

const most = 500; // more are taken out at the top

export class Log {
  #box; #seen = new Set(); #follow = true;

  // The box follows what is new, also when it is made smaller, unless the person reads further up.
  constructor(box) {
    this.#box = box;
    box.addEventListener("scroll", () => this.#follow = box.scrollHeight - box.scrollTop - box.clientHeight < 40);
    new ResizeObserver(() => this.#scroll()).observe(box);
  }

  // said shows a message, which the page may have shown before: from the history, or as its own on the way.
  said(message, mine) {
    if (this.#seen.has(message.id)) return;
    this.#seen.add(message.id);
    this.#put(this.#bubble(message, mine), message.time);
  }

  // sending shows an own message before the server has seen it. It stays below all others until delivered or taken back.
  sending(id, name, text) {
    const bubble = this.#bubble({name, text}, true);
    bubble.id = "m-" + id;
    bubble.classList.add("sending");
    bubble.append(this.#element("p", "mark", "sending"));
    this.#follow = true;
    this.#put(bubble, Infinity);
  }

  // delivered turns what was sent under an id into the message that the room has.
  delivered(id, message) {
    this.#seen.add(message.id);
    const bubble = document.getElementById("m-" + id);
    if (!bubble) return;
    bubble.classList.remove("sending");
    bubble.querySelector(".mark").textContent = "delivered";
    bubble.querySelector(".who").append(this.#clock(message.time));
    if (bubble.nextSibling || bubble.previousSibling?.time > message.time) this.#put(bubble, message.time);
    else bubble.time = message.time;
  }

  takeBack(id) { document.getElementById("m-" + id)?.remove(); }

  // line shows who came and who left. What became of the connection has no time of the server, and comes last.
  line(text, time = this.#latest()) { this.#put(this.#element("p", "line", text), time); }

  #latest() {
    return Math.max(0, ...Array.from(this.#box.children, e => e.time).filter(Number.isFinite));
  }

  // quietly shows many at once, and does not have a screen reader read all of them.
  quietly(show) {
    this.#box.setAttribute("aria-live", "off");
    show();
    setTimeout(() => this.#box.removeAttribute("aria-live"), 500);
  }

  #bubble(message, mine) {
    const bubble = this.#element("article", mine ? "message mine" : "message");
    const who = this.#element("p", "who");
    const name = this.#element("bdi", "", message.name);
    who.append(name);
    if (message.time) who.append(this.#clock(message.time));
    const text = this.#element("p", "text", message.text);
    text.dir = "auto";
    bubble.append(who, text);
    return bubble;
  }

  #clock(time) {
    const clock = this.#element("time", "", new Date(time).toLocaleTimeString([], {hour: "2-digit", minute: "2-digit"}));
    clock.dateTime = new Date(time).toISOString();
    return clock;
  }

  #element(tag, className, text = "") {
    const element = document.createElement(tag);
    element.className = className;
    element.textContent = text;
    return element;
  }

  // put shows an element in the place that its time gives it.
  #put(element, time) {
    const box = this.#box;
    element.time = time;
    let next = null;
    for (let e = box.lastElementChild; e && (e === element || e.time > time); e = e.previousElementSibling) {
      if (e !== element) next = e;
    }
    box.insertBefore(element, next);
    while (box.childElementCount > most) box.firstElementChild.remove();
    this.#scroll();
  }

  #scroll() { if (this.#follow) this.#box.scrollTop = this.#box.scrollHeight; }
}
