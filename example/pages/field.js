// The field for a message, which counts the characters near their limit; and what is said
// below any field.

import {$} from "./element.js";

// complain says what is wrong with a field, or that nothing is. The reason has neither a
// capital letter at its begin nor a full stop.
export function complain(field, text) {
  $(field.id + "-error").textContent = text && text[0].toUpperCase() + text.slice(1) + ".";
  field.ariaInvalid = text ? "true" : null;
  if (text) field.focus();
}

const most = 1000; // of the server
const near = 100; // left: from then on they are counted

export class Field {
  #field; #count; #changed; #shift = false;
  enter = () => {}; // is called when the person presses Enter

  constructor(field, count, changed) {
    this.#field = field;
    this.#count = count;
    this.#changed = changed;
    field.addEventListener("input", () => this.#look());
    // Enter sends; with Shift it is a new line, as in what is pasted.
    field.addEventListener("keydown", event => { this.#shift = event.shiftKey; });
    field.addEventListener("beforeinput", event => {
      if (event.inputType !== "insertLineBreak" || this.#shift) return;
      event.preventDefault();
      this.enter();
    });
  }

  get text() { return this.#field.value; }

  set text(text) {
    this.#field.value = text;
    this.#look();
  }

  get #left() { return most - [...this.text.trim()].length; }

  // wrong is why the text cannot be sent, or nothing.
  get wrong() { return this.#left < 0 ? `a message has 1 to ${most} characters` : ""; }

  #look() {
    const left = this.#left;
    this.#count.textContent = left > near ? ""
      : left < 0 ? `${-left} characters too many` : `${left} characters left`;
    this.#count.classList.toggle("error", left < 0);
    this.#changed();
  }
}
