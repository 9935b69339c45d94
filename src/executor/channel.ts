import type { Socket } from "node:net";

export interface ChannelHandlers<In> {
  readonly onMessage: (message: In) => void;
  /** Called once, after the last message: the other side is gone, or has sent what is no message. */
  readonly onEnd: () => void;
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

  close(): void {
    this.#socket.destroy();
  }

  #receive(text: string): void {
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      const line = this.#begun + text.slice(start, end);
      this.#begun = "";
      start = end + 1;
      const message = parse(line);
      if (message === undefined) return this.close();
      this.#handlers.onMessage(message as In);
    }
    this.#begun += text.slice(start);
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
