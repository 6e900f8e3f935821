// What tells people apart.

import {element, name} from "./element.js";

const letters = new Intl.Segmenter([], {granularity: "grapheme"});
const firstOf = new Map(); // the first id seen of each name

const hue = id => [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7);

const initials = words => words.split(" ").filter(Boolean).slice(0, 2)
  .map(word => [...letters.segment(word)][0].segment).join("").toUpperCase();

// paint gives an element the colour of a person.
export function paint(target, person) { target.style.setProperty("--hue", hue(person.id)); }

export function face(person) {
  const made = element("span", "face", initials(person.name));
  made.ariaHidden = "true";
  paint(made, person);
  return made;
}

// named shows a person's name. Somebody else of the same name is "another".
export function named(person) {
  const folded = person.name.toLowerCase();
  if (!firstOf.has(folded)) firstOf.set(folded, person.id);
  const made = [name(person.name)];
  if (firstOf.get(folded) !== person.id) made.push(" ", element("span", "another", "another"));
  return made;
}
