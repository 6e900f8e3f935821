// The line that tells of a lost connection: when it is tried again, and a button.

export class Banner {
  #box; #words; #wait; #button; #due; #timer;

  constructor(box, retry) {
    this.#box = box;
    [this.#words, this.#wait, this.#button] = box.children;
    this.#button.addEventListener("click", () => {
      this.#due = 0;
      this.#tick();
      retry();
    });
  }

  // lost says why, and counts the milliseconds of the wait. A screen reader hears it once.
  lost(event, wait) {
    clearInterval(this.#timer);
    this.#box.className = "lost";
    const words = why(event);
    if (this.#words.textContent !== words) this.#words.textContent = words;
    this.#due = Date.now() + wait;
    this.#timer = setInterval(() => this.#tick(), 250);
    this.#tick();
  }

  over() {
    clearInterval(this.#timer);
    this.#box.className = this.#words.textContent = "";
  }

  #tick() {
    const seconds = Math.ceil((this.#due - Date.now()) / 1000);
    this.#button.disabled = seconds <= 0;
    this.#wait.textContent = !navigator.onLine ? "" : seconds > 0 ? `Trying again in ${seconds} s.` : "Trying …";
  }
}

function why({code, status, failures}) {
  if (!navigator.onLine) return "This device is offline.";
  if (code === 1013) return "The room cannot be opened at the moment.";
  if (status) return "The server answers, but websockets do not get through. Is it a proxy?";
  return failures > 2 ? "The server does not answer." : "Not connected.";
}
