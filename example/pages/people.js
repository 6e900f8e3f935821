// Who is here. Who comes back soon, such as after a reload, has not left.

import {element} from "./element.js";
import {face, named} from "./faces.js";

const soon = 5000; // after somebody went
const restart = 20000; // after the connection was lost: the others come back, too

export class People {
  #list; #count; #line; #here = new Map(); #going = new Map(); #you = null;

  // list shows the people, count tells how many they are, and line who joined or left.
  constructor(list, count, line) {
    this.#list = list;
    this.#count = count;
    this.#line = line;
  }

  // welcome takes the whole list, at the begin of a connection.
  welcome(you, people) {
    const before = this.#here, known = before.size > 0;
    before.delete(this.#you?.id); // with another name, it is another id
    this.#you = you;
    this.#here = new Map(people.map(p => [p.id, p]));
    for (const p of before.values()) if (!this.#here.has(p.id)) this.#goes(p, restart);
    for (const p of people) if (known && !before.has(p.id)) this.#comes(p);
    this.#show();
  }

  news(joined, left) {
    for (const p of left) if (this.#here.delete(p.id)) this.#goes(p, soon);
    for (const p of joined) {
      if (!this.#here.has(p.id)) this.#comes(p);
      this.#here.set(p.id, p);
    }
    this.#show();
  }

  #comes(person) {
    const going = this.#going.get(person.id);
    clearTimeout(going);
    if (!this.#going.delete(person.id) && person.id !== this.#you.id) this.#line(person, "joined");
  }

  #goes(person, wait) {
    clearTimeout(this.#going.get(person.id));
    this.#going.set(person.id, setTimeout(() => {
      this.#going.delete(person.id);
      this.#line(person, "left");
    }, wait));
  }

  #show() {
    this.#count(this.#here.size);
    const you = this.#you.id, sorted = [...this.#here.values()].sort((a, b) =>
      (b.id === you) - (a.id === you) || a.name.localeCompare(b.name));
    this.#list.replaceChildren(...sorted.map(person => {
      const words = element("p", "", ...named(person));
      if (person.id === you) words.append(" (you)");
      return element("li", "", face(person), words);
    }));
  }
}
