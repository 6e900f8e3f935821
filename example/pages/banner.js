// The line that tells of a connection that is lost: when it is tried again, and a button.

export class Banner {
  #box; #words; #wait; #button; #due = 0; #timer;

  constructor(box, retry) {
    this.#box = box;
    [this.#words, this.#wait, this.#button] = box.children;
    this.#button.addEventListener("click", () => { this.#due = 0; this.#tick(); retry(); });
  }

  // lost says why, and counts the milliseconds of the wait.
  lost(words, wait) {
    this.#box.classList.add("lost");
    if (this.#words.textContent !== words) this.#words.textContent = words; // is read once
    this.#due = Date.now() + wait;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#tick(), 250);
    this.#tick();
  }

  over() {
    clearInterval(this.#timer);
    this.#box.classList.remove("lost");
    this.#words.textContent = "";
  }

  #tick() {
    const seconds = Math.ceil((this.#due - Date.now()) / 1000);
    this.#button.disabled = seconds <= 0;
    this.#wait.textContent = seconds > 0 ? `Trying again in ${seconds} s.` : "Trying …";
  }
}

// why returns what to tell of a loss, or of a try that failed.
export function why({code, status, failures}) {
  if (!navigator.onLine) return "This device is offline.";
  if (code === 1013) return "The room cannot be opened at the moment.";
  if (status) return "The server answers, but does not let the chat through. Perhaps a proxy " +
    "on the way does not pass on websockets.";
  return failures > 2 ? "The server does not answer. Perhaps it is down." : "Not connected.";
}
