// The page to choose a room: which are open, the liveliest first.

import {$, element, name} from "./element.js";

const every = 3000;

function show(rooms) {
  const spoke = people => Math.max(0, ...people.map(p => p.spoke ? Date.parse(p.spoke) : 0));
  const list = Object.entries(rooms)
    .map(([room, people]) => ({room, count: people.length, spoke: spoke(people)}))
    .sort((a, b) => b.spoke - a.spoke || b.count - a.count || a.room.localeCompare(b.room));
  $("none").hidden = list.length > 0;
  const focused = document.activeElement.href;
  $("rooms").replaceChildren(...list.slice(0, 100).map(line));
  if (focused) Array.from($("rooms").querySelectorAll("a")).find(a => a.href === focused)?.focus();
}

function line({room, count, spoke}) {
  const minutes = Math.floor((Date.now() - spoke) / 60000);
  const when = spoke === 0 ? "quiet"
    : minutes < 2 ? "talking now" : `last words ${minutes} min ago`;
  const link = element("a", "", name(room), element("span", "", when),
    element("span", "", `${count} here`));
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
