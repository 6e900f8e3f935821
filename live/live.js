// A websocket of a page that comes back by itself. It sends and receives the messages of
// the program, and nothing of its own. live.d.ts explains the names.

const second = 1000; // milliseconds
const firstWait = second / 2, longestWait = 30 * second; // before dialling again
const good = 5 * second; // a connection that was up for this long was a good one
const fewFailures = 3; // in a row: from then on the server is asked why
const quiet = 20 * second; // without a message: then the probe is sent
const patience = 10 * second; // without an answer: then the connection is lost
const full = 2 ** 20; // bytes that wait in the browser
const final = /^(40\d\d|100[23789]|1010|40[13])$/; // close codes, and statuses
const elsewhere = /^42\d\d$/, tryLater = 1013;
const events = ["online", "visibilitychange", "pageshow", "offline", "pagehide"];

// since is how long ago a time was. If the clock was set back, it errs, but not for long.
const since = time => Math.abs(Date.now() - time);

export class Live {
  #address; #options; #ended = false;
  #socket; #resumes; #dialled = 0; #opened; // resumes is the position it began with
  #losses = 0; #failures = 0; // in a row; failures to open
  #from = 0; #wait = 0; #asked; #timer; // look has something to do after wait
  #outbox = []; #said; #later; // said is the entry that was said on this connection

  constructor(address, options) {
    this.#address = address;
    this.#options = {encode: JSON.stringify, decode: JSON.parse, ...options};
    this.position = this.#options.after;
    this.#look();
    for (const type of events) addEventListener(type, this.#event);
  }

  get unsettled() { return this.#outbox.map(entry => entry.message); }

  send(message) { return this.#post(this.#options.encode(message)); }

  say(make, id = crypto.getRandomValues(new Uint32Array(3)).join("-")) {
    if (this.#ended) return false;
    const message = make(id);
    this.#outbox.push({id, message, data: this.#options.encode(message)});
    this.#speak();
    return id;
  }

  settle(id) {
    const entry = this.#outbox.find(entry => entry.id === id);
    this.#outbox = this.#outbox.filter(other => other !== entry);
    this.#speak();
    return entry?.message;
  }

  later() {
    if (!this.#opened) return; // the next connection begins with it
    const [first] = this.#outbox;
    this.#said = first; // holds it back, whatever else is said or settled
    clearTimeout(this.#later);
    this.#later = setTimeout(() => {
      if (this.#said === first) this.#said = undefined;
      this.#speak();
    }, 2 * second);
  }

  retry() {
    const soonest = this.#dialled + second - this.#from;
    if (!this.#socket) this.#wait = Math.min(this.#wait, soonest);
    this.#look();
  }

  close() {
    this.#ended = true;
    for (const type of events) removeEventListener(type, this.#event);
    this.#drop();
  }

  #event = ({type}) => {
    if (type !== "offline" && type !== "pagehide") this.retry();
    else if (this.#socket) this.#lose(1006, type);
  };

  // look does what is due, or sets the timer for it. Timers sleep in hidden pages, so
  // only the clock decides what is due.
  #look() {
    clearTimeout(this.#timer);
    const {probe} = this.#options;
    const {hidden} = document;
    const idle = this.#opened ? hidden || !probe
      : !this.#socket && (hidden || !navigator.onLine);
    const rest = this.#wait - since(this.#from);
    if (this.#ended || idle) this.#asked = false;
    else if (rest > 0) this.#timer = setTimeout(() => this.#look(), rest);
    else if (!this.#socket) this.#dial();
    else if (!this.#opened || this.#asked) this.#lose(1006, "silent");
    else {
      this.send(probe);
      this.#await(patience, true);
    }
  }

  // await makes look do something after a wait. Asked says that the probe is under way.
  #await(wait, asked) {
    this.#from = Date.now();
    this.#wait = wait;
    this.#asked = asked;
    this.#look();
  }

  // url returns the present address, with one scheme in place of another.
  #url(scheme, other) {
    const address = this.#address;
    const url = new URL(typeof address === "function" ? address() : address, location);
    if (this.position) url.searchParams.set("after", this.position);
    url.protocol = url.protocol.replace(scheme, other);
    return url;
  }

  #dial() {
    const url = this.#url("http", "ws");
    const socket = this.#socket = new WebSocket(url, this.#options.protocols);
    const ours = handler => event => { if (socket === this.#socket) handler(event); };
    socket.binaryType = "arraybuffer";
    socket.onopen = ours(() => this.#open());
    socket.onmessage = ours(({data}) => this.#hear(data));
    socket.onclose = ours(({code, reason}) => this.#lose(code, reason));
    this.#resumes = this.position;
    this.#dialled = Date.now();
    this.#await(patience);
  }

  #open() {
    this.#opened = Date.now();
    this.#failures = 0;
    this.#await(quiet);
    this.#tell("onopen");
    this.#speak();
  }

  #hear(data) {
    this.#await(quiet);
    const options = this.#options;
    const message = options.decode(data);
    const gap = this.#resumes && options.complete?.(message) === false;
    if (gap) this.#tell("onincomplete");
    if (this.#ended) return;
    this.position = options.position?.(message) || this.position;
    this.#tell("onmessage", message);
  }

  #drop() {
    this.#socket?.close();
    this.#opened = this.#socket = this.#said = undefined;
    clearTimeout(this.#timer);
    clearTimeout(this.#later);
  }

  async #lose(code, reason) {
    if (since(this.#opened) >= good) this.#losses = 0;
    if (!this.#opened) this.#failures++;
    this.#drop();
    const status = this.#failures >= fewFailures ? await this.#ask() : 0;
    if (this.#ended || this.#socket) return;
    const event = {code, reason, status, failures: this.#failures};
    if (final.test(status || code)) {
      this.close();
      return this.#tell("onend", event);
    }
    if (status) this.#losses = 6; // the wait is a part of the longest
    event.wait = Math.random() * Math.min(longestWait, firstWait * 2 ** this.#losses++);
    if (code === tryLater) event.wait = longestWait * (1 + Math.random());
    if (elsewhere.test(code) && since(this.#dialled) >= second) event.wait = 0;
    this.#await(event.wait);
    this.#tell("onlost", event);
  }

  // ask returns the status that a request gets in place of a handshake, or 0.
  async #ask() {
    try {
      const options = {cache: "no-store", signal: AbortSignal.timeout(patience)};
      return (await fetch(this.#url("ws", "http"), options)).status;
    } catch {
      return 0;
    }
  }

  #post(data) {
    const socket = this.#socket;
    const can = socket?.readyState === WebSocket.OPEN && socket.bufferedAmount <= full;
    if (can) socket.send(data);
    return can;
  }

  // speak says the first message of the outbox, unless it was said on this connection.
  #speak() {
    const [first] = this.#outbox;
    if (!this.#opened || !first || first === this.#said) return;
    this.#said = first;
    if (!this.#post(first.data)) this.later();
  }

  // tell reports what a handler of the page throws, and goes on.
  #tell(name, event) {
    try {
      this.#options[name]?.(event);
    } catch (error) {
      reportError(error);
    }
  }
}
