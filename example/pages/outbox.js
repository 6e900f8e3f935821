// What the person has said, and the room does not have yet. One message is under way at a
// time, so that they keep their order.

const again = 2000; // after a "later"
const remembered = 100000; // so long the room surely knows an id

export class Outbox {
  #send; #waiting = []; #timer; #open = false;

  // send gives a message to the server, if there is one.
  constructor(send) { this.#send = send; }

  add(id, text) {
    this.#waiting.push({id, text, sent: 0});
    if (this.#waiting.length === 1) this.#next();
  }

  // remove takes out a message that the room has, or will never have, and returns it.
  remove(id) {
    const at = this.#waiting.findIndex(m => m.id === id);
    if (at < 0) return null;
    const [message] = this.#waiting.splice(at, 1);
    if (at === 0) this.#next();
    return message;
  }

  // later says the same again in a moment.
  later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#next(), again);
  }

  pause() { this.#open = false; }

  // resume is for a connection that is back, when the page has seen what it has missed. It
  // returns messages of which nobody can say whether the room has them: when that may not
  // have been all, and they were sent too long ago to be known by their id.
  resume(complete) {
    this.#open = true;
    const old = m => m.sent > 0 && Date.now() - m.sent > remembered;
    const unsure = complete ? [] : this.#waiting.filter(old);
    this.#waiting = this.#waiting.filter(m => !unsure.includes(m));
    this.#next();
    return unsure;
  }

  #next() {
    clearTimeout(this.#timer);
    const [first] = this.#waiting;
    if (!first || !this.#open) return;
    first.sent ||= Date.now();
    this.#send({kind: "say", id: first.id, text: first.text});
  }
}
