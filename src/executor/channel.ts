import type { Socket } from "node:net";

export interface ChannelHandlers<In> {
  readonly onMessage: (message: In) => void;
  /** Called once, after the last message: the other side is gone, or what came from it was not to be read. */
  readonly onEnd: () => void;
  /** What has come is no JSON, or too long. The channel closes. */
  readonly onUnreadable?: () => void;
}

/**
 * Messages over a pipe between the pool and a child, each one line of JSON. Node's own IPC channel would be visible to
 * the handlers (`process.send`, `"message"` events), and is slower.
 */
export class Channel<In, Out> {
  readonly #socket: Socket;
  readonly #handlers: ChannelHandlers<In>;
  /** The beginning of a line whose end has not come yet. */
  #begun = "";
  /** How long a line that comes may be, in UTF-16 units, of which no text has more than bytes. */
  longestLine: number = Infinity;

  constructor(socket: Socket, handlers: ChannelHandlers<In>) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => this.#receive(text));
    // What breaks a pipe also closes it.
    socket.on("error", () => {});
    socket.once("close", () => handlers.onEnd());
  }

  /** Small messages are handed to the system before this returns; on a closed channel they are lost. */
  send(message: Out): void {
    if (this.#socket.writable) this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  /** How much of what was sent the system has not taken yet. */
  get backlogBytes(): number {
    return this.#socket.writableLength;
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(text: string): void {
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      const message = this.#read(text.slice(start, end));
      this.#begun = "";
      start = end + 1;
      if (message === undefined) return this.#refuse();
      this.#handlers.onMessage(message as In);
      // Closed over what that message was.
      if (this.#socket.destroyed) return;
    }
    if (this.#begun.length + text.length - start > this.longestLine) return this.#refuse();
    this.#begun += text.slice(start);
  }

  /** The message in a line of which this is the end; undefined: none. */
  #read(rest: string): unknown {
    return this.#begun.length + rest.length > this.longestLine ? undefined : parse(this.#begun + rest);
  }

  #refuse(): void {
    this.#begun = "";
    this.#handlers.onUnreadable?.();
    this.close();
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
