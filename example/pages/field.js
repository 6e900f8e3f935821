// The field for a message, and what is said below a field.

import {$} from "./element.js";

const most = 1000; // characters, of the server
const near = 100; // left: from then on they are counted

// complain says what is wrong with a field, or that nothing is.
export function complain(field, text) {
  $(field.id + "-error").textContent = text && text[0].toUpperCase() + text.slice(1) + ".";
  field.ariaInvalid = text ? "true" : null;
  if (text) field.focus();
}

export class Field {
  #field; #count; #changed; #shift = false;

  // enter is called when the person presses Enter, and changed when the text is another.
  constructor(field, count, enter, changed) {
    this.#field = field;
    this.#count = count;
    this.#changed = changed;
    field.addEventListener("input", () => this.#look());
    // With Shift, Enter is a new line.
    field.addEventListener("keydown", event => { this.#shift = event.shiftKey; });
    field.addEventListener("beforeinput", event => {
      if (event.inputType !== "insertLineBreak" || this.#shift) return;
      event.preventDefault();
      enter();
    });
  }

  get text() { return this.#field.value; }

  set text(text) {
    this.#field.value = text;
    this.#look();
  }

  get #left() { return most - [...this.text.trim()].length; }

  // wrong is why the text cannot be sent, or empty.
  get wrong() {
    return this.#left === most ? "there is nothing to send yet"
      : this.#left < 0 ? `a message has 1 to ${most} characters` : "";
  }

  #look() {
    const left = this.#left;
    this.#count.textContent = left > near ? ""
      : left < 0 ? `${-left} characters too many` : `${left} characters left`;
    this.#count.classList.toggle("error", left < 0);
    this.#changed();
  }
}
