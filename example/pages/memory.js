// What the browser remembers, in this tab or in all. With cookies blocked that is nothing.

const memory = name => ({
  get(key) { try { return window[name].getItem(key); } catch { return null; } },
  set(key, value) { try { window[name].setItem(key, value); } catch { /* is forgotten */ } },
});

export const tab = memory("sessionStorage"), browser = memory("localStorage");
