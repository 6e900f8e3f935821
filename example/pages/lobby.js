// The page to choose a room: which are open, those with most people first.

import {$, element, name} from "./element.js";

const every = 3000;

function show(rooms) {
  const list = Object.entries(rooms).sort(([a, n], [b, m]) => m - n || a.localeCompare(b));
  $("none").hidden = list.length > 0;
  const focused = document.activeElement.href;
  $("rooms").replaceChildren(...list.slice(0, 100).map(line));
  if (focused) Array.from($("rooms").querySelectorAll("a")).find(a => a.href === focused)?.focus();
}

function line([room, count]) {
  const link = element("a", "", name(room), element("span", "", `${count} here`));
  link.href = "/room/?" + new URLSearchParams({room});
  return element("li", "", link);
}

// look asks for the rooms, again and again while the page can be seen.
let shown = "";
async function look() {
  setTimeout(look, every);
  if (document.hidden) return;
  const answer = await fetch("/rooms").then(r => r.text()).catch(() => null);
  $("trouble").textContent = answer === null ? "The server does not answer. Trying again …" : "";
  if (answer !== null && answer !== shown) show(JSON.parse(shown = answer));
}

look();
