// A browser for tests: its clock, its sockets, its server and its page do what the test
// says. Page.install puts them where the module looks for them.

import {webcrypto} from "node:crypto";
import {Live} from "../live.js";

const realImmediate = setImmediate;
globalThis.crypto ??= webcrypto;

// Socket is the browser's end of a connection; the test plays the server.
class Socket {
  sent = []; bufferedAmount = 0; readyState = 0; closed = false;

  constructor(page, url) { Object.assign(this, {page, url: new URL(url), at: page.now}); }

  open() {
    this.readyState = 1;
    this.onopen?.({});
  }

  hears(message) { this.onmessage?.({data: JSON.stringify(message)}); }
  async ends(code, reason = "") {
    this.ended = true;
    this.readyState = 3;
    this.onclose?.({code, reason});
    await this.page.settle();
  }

  send(data) { this.sent.push(data); }

  close() {
    this.closed = true;
    this.readyState = 2;
  }
}

export class Page {
  now = Date.UTC(2026, 10, 30); random = 1; listeners = 0;
  sockets = []; asked = []; errors = []; events = [];
  answer = () => Promise.reject(new TypeError("no answer"));
  #timers = new Map(); #last = 0; #target = new EventTarget();

  // install makes a new page that is shown and online.
  static install() {
    const page = new Page();
    const put = (name, value) => Object.defineProperty(globalThis, name,
      {value, configurable: true, writable: true});
    put("document", {hidden: false});
    put("navigator", {onLine: true});
    put("location", "https://example.com/room/");
    put("reportError", error => page.errors.push(error));
    put("addEventListener", (...args) => {
      page.listeners++;
      page.#target.addEventListener(...args);
    });
    put("removeEventListener", (...args) => {
      page.listeners--;
      page.#target.removeEventListener(...args);
    });
    put("WebSocket", function (url, protocols) {
      return page.socket = Object.assign(page.#dialled(url), {protocols});
    });
    WebSocket.OPEN = 1;
    put("fetch", (url, options) => {
      page.asked.push({url: String(url), ...options});
      return page.answer();
    });
    put("setTimeout", (run, wait) => {
      page.#timers.set(++page.#last, {run, at: page.now + wait});
      return page.#last;
    });
    put("clearTimeout", id => page.#timers.delete(id));
    Date.now = () => page.now;
    Math.random = () => page.random;
    return page;
  }

  // live makes a connection of the module that keeps what it is told in page.events.
  live(options, address = "/socket?room=garden") {
    const keep = name => event => this.events.push([name, event]);
    const names = ["open", "lost", "end", "incomplete", "message"];
    return new Live(address, {
      ...Object.fromEntries(names.map(name => ["on" + name, keep(name)])), ...options,
    });
  }

  #dialled(url) {
    const socket = new Socket(this, url);
    this.sockets.push(socket);
    return socket;
  }

  get timers() { return this.#timers.size; }
  get lost() { return this.events.filter(([name]) => name === "lost").map(([, e]) => e); }
  get ends() { return this.events.filter(([name]) => name === "end").map(([, e]) => e); }

  // settle lets promises run.
  settle() { return new Promise(resolve => realImmediate(resolve)); }

  // pass lets time pass, in which timers run when they are due.
  async pass(wait) {
    const end = this.now + wait;
    for (;;) {
      await this.settle();
      const [id, timer] = [...this.#timers].sort((a, b) => a[1].at - b[1].at)[0] ?? [];
      if (!timer || timer.at > end) break;
      this.now = Math.max(this.now, timer.at);
      this.#timers.delete(id);
      timer.run();
    }
    this.now = end;
  }

  // again lets the wait pass that the page was told, until the next dial.
  again() { return this.pass(this.lost.at(-1).wait); }

  // sleep lets time pass in which no timer runs.
  sleep(wait) { this.now += wait; }

  async happens(type) {
    this.#target.dispatchEvent(new Event(type));
    await this.settle();
  }

  async hide() {
    document.hidden = true;
    await this.happens("visibilitychange");
  }

  async show() {
    document.hidden = false;
    await this.happens("visibilitychange");
  }

  // fails ends dials without an open, so many times, as if there were no server.
  async fails(times) {
    for (; times > 0; times--) {
      if (this.socket.ended) await this.again();
      await this.socket.ends(1006);
    }
  }
}
