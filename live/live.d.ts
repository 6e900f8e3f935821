/**
 * Live is a websocket that comes back by itself. It dials when it is made. Lost, it waits,
 * longer each time; it does not dial while the page is hidden or offline, and dials at once
 * when that is over. In is what the server sends, Out what the page sends.
 *
 *     const live = new Live<Message>("/socket", {onmessage: show});
 */
export class Live<In = any, Out = In> {
  /**
   * @param address Where the server listens, relative to the page, with http, https, ws or
   *   wss. A function is asked for it before every dial. The module adds the position, as
   *   "after".
   */
  constructor(address: string | URL | (() => string | URL), options?: Options<In, Out>);

  /** The position of the last message; it goes into the next address. The page may set it. */
  position: string | undefined;

  /** What was said and not settled, oldest first. It stays after the end. */
  readonly unsettled: Out[];

  /**
   * Sends a message now, or returns false: there is no connection, or more than 1 MiB waits
   * in the browser. True does not mean that it arrives.
   */
  send(message: Out): boolean;

  /**
   * Puts a message into the outbox and returns its id, which make puts into the message so
   * that the server can send it back. The first message of the outbox is said again on each
   * connection until the page settles it; then comes the next. Returns false after the end,
   * and then has not called make.
   *
   * @param id The id of a message that an earlier Live has left unsettled; by default a new
   *   one that nobody can guess.
   */
  say(make: (id: string) => Out, id?: string): string | false;

  /**
   * Takes a message out of the outbox and returns it: the server has it, or refuses it, or
   * the page takes it back. Returns undefined if it is not there, such as somebody else's.
   */
  settle(id: string): Out | undefined;

  /** Says the first message of the outbox again in two seconds: the server could not take it. */
  later(): void;

  /** Dials without waiting, but not within a second of the last dial. */
  retry(): void;

  /** Ends the connection for good. Nothing more is called, and nothing can be sent. */
  close(): void;
}

export interface Options<In, Out> {
  /** Called with each message. */
  onmessage?(message: In): void;

  /** Called when a connection is open. What it sends goes before the outbox. */
  onopen?(): void;

  /** Called when a connection is lost or cannot be made, and will be tried again. */
  onlost?(event: Lost): void;

  /** Called when the server ends it for good. Nothing is called after it. */
  onend?(event: Ended): void;

  /** Called when messages are missing after the position: before the message that says so. */
  onincomplete?(): void;

  /** Returns the position of a message, if it has one. */
  position?(message: In): string | undefined;

  /** Returns false for a message that says: what comes after the position is not complete. */
  complete?(message: In): boolean | undefined;

  /** The position to begin with, such as one that the page has stored. */
  after?: string;

  /**
   * A message that every server answers with some message. It is sent after 20 s without
   * one; after 10 s more the connection counts as lost. Without it, nothing is sent.
   */
  probe?: Out;

  /** Turns a message into what is sent: by default JSON.stringify. */
  encode?(message: Out): string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob;

  /** Turns a text or, from a binary frame, an ArrayBuffer into a message: by default JSON.parse. */
  decode?(data: any): In;
}

export interface Ended {
  /** The close code. It is 1006 if there was no close frame, or no connection. */
  code: number;

  /** What the server says about it; or "offline", "pagehide" or "silent" from the module. */
  reason: string;

  /** The HTTP status that a refused handshake seems to have had; 0 if it was not asked for. */
  status: number;

  /** How many times in a row no connection could be made. */
  failures: number;
}

export interface Lost extends Ended {
  /** Milliseconds until the next dial, unless the page is hidden or offline then. */
  wait: number;
}
