/**
 * Live is a websocket that comes back by itself. It dials when it is made. When it is
 * lost, it waits and dials again, longer each time. It does not dial while the page is
 * hidden or offline, and dials at once when that is over. In is what the server sends,
 * Out is what the page sends.
 *
 *     const live = new Live<Message>("/socket", {onmessage: show});
 */
export class Live<In = any, Out = In> {
  /**
   * @param address Where the server listens, relative to the page, with http, https, ws
   *   or wss. A function is called before every dial, and must not throw. The position is
   *   added, as "after".
   */
  constructor(address: string | URL | (() => string | URL), options?: Options<In, Out>);

  /** The last position that came; it goes into the next address. The page may set it. */
  position: string | undefined;

  /** What was said and not settled, oldest first. It stays after the end. */
  readonly unsettled: Out[];

  /**
   * Sends a message now, or returns false: there is no open connection, or more than
   * 1 MiB waits in the browser. True does not mean that the message arrives.
   */
  send(message: Out): boolean;

  /**
   * Puts a message into the outbox and returns its id. Make puts the id into the message,
   * so that the server can send it back. The first message of the outbox is said again on
   * each connection until the page settles it; then comes the next. After the end, say
   * returns false and does not call make.
   *
   * @param id The id of a message that an earlier Live has left unsettled. By default it
   *   is a new one that nobody can guess.
   */
  say(make: (id: string) => Out, id?: string): string | false;

  /**
   * Takes a message out of the outbox and returns it, because the server has it or
   * refuses it, or because the page takes it back. Returns undefined if it is not there,
   * such as a message of somebody else.
   */
  settle(id: string): Out | undefined;

  /**
   * Says the first message of the outbox again in two seconds, and not before, unless it
   * is settled or the connection is lost. Without a connection it does nothing.
   */
  later(): void;

  /** Dials without waiting longer, but not within a second of the last dial. */
  retry(): void;

  /** Ends the connection for good. Then nothing is called, and nothing can be sent. */
  close(): void;
}

export interface Options<In, Out> {
  /** Called with each message. */
  onmessage?(message: In): void;

  /** Called when a connection is open. What it sends goes before the outbox. */
  onopen?(): void;

  /** Called when a connection is lost or cannot be made, and will be tried again. */
  onlost?(event: Lost): void;

  /** Called when the server ends it for good. After it nothing is called. */
  onend?(event: Ended): void;

  /** Called before a message that says that messages are missing after the position. */
  onincomplete?(): void;

  /** Returns the position of a message, if it has one. */
  position?(message: In): string | undefined;

  /** Returns false if a message says that messages are missing after the position. */
  complete?(message: In): boolean | undefined;

  /**
   * Subprotocols to offer, as for a WebSocket. A page may change the array, such as to
   * offer a new token from the next dial on.
   */
  protocols?: string | string[];

  /** The position to begin with, such as one that the page has stored. */
  after?: string;

  /**
   * A message that the server answers with any message. It is sent after 20 s without a
   * message. If none comes for 10 s more, the connection is lost. By default nothing is
   * sent.
   */
  probe?: Out;

  /** Turns a message into what is sent. The default is JSON.stringify. */
  encode?(message: Out): string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob;

  /** Turns a text, or the ArrayBuffer of a binary frame, into a message. JSON.parse. */
  decode?(data: any): In;
}

export interface Ended {
  /** The close code. It is 1006 if there was no close frame, or no connection. */
  code: number;

  /** The server's reason; or "offline", "pagehide" or "silent", from the module. */
  reason: string;

  /** The HTTP status that the address has, if handshakes fail; 0 if it is not known. */
  status: number;

  /** How many times in a row no connection could be made. */
  failures: number;
}

export interface Lost extends Ended {
  /** Milliseconds until the next dial, if the page is not hidden or offline then. */
  wait: number;
}
