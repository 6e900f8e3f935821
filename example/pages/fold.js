// A line that tells who joined and left.

import {name} from "./element.js";

const named = 3; // people, before the rest is a number

export class Fold {
  #line; #last = new Map(); // what each person did last

  constructor(line) { this.#line = line; }

  add(person, what) {
    this.#last.delete(person.id);
    this.#last.set(person.id, {name: person.name, what});
    const parts = ["joined", "left"].map(what => this.#part(what)).filter(part => part.length > 0);
    this.#line.replaceChildren(...parts.flatMap((part, i) => i === 0 ? part : [" · ", ...part]));
  }

  #part(what) {
    const names = Array.from(this.#last.values()).filter(p => p.what === what).map(p => p.name);
    const shown = names.length > named + 1 ? names.slice(0, named) : names;
    const rest = names.length - shown.length;
    const words = shown.flatMap((text, i) => [
      i === 0 ? "" : i === shown.length - 1 && rest === 0 ? " and " : ", ", name(text),
    ]);
    if (rest > 0) words.push(` and ${rest} others`);
    return names.length === 0 ? [] : [...words, " " + what];
  }
}
