// A websocket that comes back by itself. Each loss is followed by a longer wait, of which
// a random part is left out, so that not everybody returns at the same moment.

const firstWait = 500, longestWait = 10000;
const quiet = 20000; // after so long without a word, the server is asked whether it is there
const patience = 10000; // for its answer

// Codes 4000 to 4099 are the server's way to say: do not come back by yourself.
const isFinal = code => code >= 4000 && code < 4100;

export class Socket {
  #url; #on; #socket = null; #losses = 0; #ended = false; #timer; #probe;
  #away = () => this.#socket?.lost();
  #home = () => this.#connect();

  // url is asked for the address of each new connection. on.message takes what the server
  // sends; on.lost the wait in milliseconds, the close code, and how many times in a row;
  // on.ended the code and the reason, when it does not come back.
  constructor(url, on) {
    this.#url = url;
    this.#on = on;
    addEventListener("offline", this.#away);
    addEventListener("online", this.#home);
    this.#connect();
  }

  // send reports whether the message was given to an open connection; that is not yet a
  // promise that it arrives.
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  // stop ends the connection for good, without a word to on.
  stop() {
    this.#ended = true;
    clearTimeout(this.#timer);
    removeEventListener("offline", this.#away);
    removeEventListener("online", this.#home);
    this.#socket?.drop();
  }

  #connect() {
    if (this.#socket || this.#ended) return;
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#url());
    let over = false;
    const end = () => {
      if (over) return false;
      over = true;
      clearTimeout(this.#probe);
      this.#socket = null;
      return true;
    };
    socket.drop = () => { if (end()) socket.close(); };
    socket.lost = () => { if (end()) { socket.close(); this.#wait(1006); } };
    socket.onmessage = event => {
      if (over) return;
      this.#losses = 0;
      this.#listen(socket);
      this.#on.message(JSON.parse(event.data));
    };
    socket.onclose = event => {
      if (!end()) return;
      if (!isFinal(event.code)) return this.#wait(event.code);
      this.stop();
      this.#on.ended(event.code, event.reason);
    };
    this.#socket = socket;
    this.#listen(socket);
  }

  // A connection can be gone without a sign: so a server that has been quiet is asked.
  #listen(socket) {
    clearTimeout(this.#probe);
    this.#probe = setTimeout(() => {
      this.send({kind: "probe"});
      this.#probe = setTimeout(() => socket.lost(), patience);
    }, quiet);
  }

  #wait(code) {
    const most = Math.min(longestWait, firstWait * 2 ** this.#losses++);
    const wait = most * (0.5 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#connect(), wait);
    this.#on.lost(wait, code, this.#losses);
  }
}
