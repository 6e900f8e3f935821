// Finding and making elements. Everything that people wrote goes in as text, never as markup.

export const $ = id => document.getElementById(id);

export function element(tag, className = "", ...content) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...content);
  return made;
}

// name shows a name, whatever its direction is.
export const name = text => element("bdi", "", text);

const link = /https?:\/\/[^\s<>"]+/g;
const opens = {")": "(", "]": "[", "}": "{"};

// address leaves out the end of the sentence around an address.
function address(text, before) {
  const last = text.at(-1), count = letter => text.split(letter).length;
  const stray = opens[last] ? count(last) > count(opens[last])
    : ".,;:!?'".includes(last) || "*_".includes(last) && last === before;
  return stray ? address(text.slice(0, -1), before) : text;
}

// linked returns a text as nodes, with links for the addresses in it.
export function linked(text) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(link)) {
    const there = address(found[0], text[found.index - 1]);
    if (!URL.canParse(there)) continue;
    const a = element("a", "", there);
    a.href = there;
    a.target = "_blank";
    a.rel = "noopener nofollow";
    nodes.push(text.slice(end, found.index), a);
    end = found.index + there.length;
  }
  nodes.push(text.slice(end));
  return nodes;
}

// Text fields show the focus to those who move by the keyboard.
const byKeys = on => document.documentElement.classList.toggle("keys", on);
addEventListener("keydown", event => { if (event.key === "Tab") byKeys(true); }, true);
addEventListener("pointerdown", () => byKeys(false), true);
