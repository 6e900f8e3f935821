// What the person has read: the end of the box is followed. Who reads further up, or has the
// page in the background, is told how much is new.

import {element} from "./element.js";

const near = 40; // pixels from the end count as the end

export class Reader {
  #box; #button; #title; #new = 0; #line = null; #size = "";
  follows = true;

  // title is what the page is called when all is read.
  constructor(box, button, title) {
    this.#box = box;
    this.#button = button;
    this.#title = title;
    box.addEventListener("scroll", () => this.#look());
    document.addEventListener("visibilitychange", () => this.#look());
    button.addEventListener("click", () => { this.toEnd(); box.focus(); });
    new ResizeObserver(() => this.#look()).observe(box);
    this.#tell();
  }

  // came takes note of a message. Nobody has to be told of an own one.
  came(message, mine) {
    if (mine || this.follows && !document.hidden) return;
    if (this.#new++ === 0) {
      this.#line?.remove();
      this.#line = element("p", "unread", "New");
      message.before(this.#line);
      this.settle();
    }
    this.#tell();
  }

  toEnd() {
    this.follows = true;
    this.settle();
    this.#look();
  }

  // settle goes to the end again for who was there.
  settle() { if (this.follows) this.#box.scrollTop = this.#box.scrollHeight; }

  // When the box has another size, the person has not moved.
  #look() {
    const {scrollHeight, scrollTop, clientHeight, clientWidth} = this.#box;
    const size = `${clientWidth} ${clientHeight}`;
    if (size !== this.#size) {
      this.#size = size;
      return this.settle();
    }
    this.follows = scrollHeight - scrollTop - clientHeight < near;
    if (this.follows && !document.hidden) this.#new = 0;
    this.#tell();
  }

  #tell() {
    this.#button.hidden = this.#new === 0 || this.follows;
    this.#button.textContent = this.#new === 1 ? "1 new message ↓" : `${this.#new} new messages ↓`;
    document.title = this.#new > 0 ? `(${this.#new}) ${this.#title}` : this.#title;
  }
}
