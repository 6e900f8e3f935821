// Making elements. Everything that people wrote goes in as text, never as markup.

export function element(tag, className = "", ...content) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...content);
  return made;
}

// name shows a name, whatever its direction is.
export const name = text => element("bdi", "", text);

const link = /https?:\/\/[^\s<>"]+/g;

// linked returns a text as nodes, with links for the addresses in it.
export function linked(text) {
  const nodes = [];
  let end = 0;
  for (const found of text.matchAll(link)) {
    const address = found[0].replace(/[.,;:!?'*_)\]}]+$/, "");
    if (!URL.canParse(address)) continue;
    const a = element("a", "", address);
    a.href = address;
    a.target = "_blank";
    a.rel = "noopener nofollow";
    nodes.push(text.slice(end, found.index), a);
    end = found.index + address.length;
  }
  nodes.push(text.slice(end));
  return nodes;
}
