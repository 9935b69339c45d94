/** Gathers the messages of one synchronous stretch of code and posts them as one, since each post costs as much. */
export class Outbox<Message> {
  readonly #post: (messages: readonly Message[]) => void;
  readonly #instead: (message: Message) => Message | undefined;
  #messages: Message[] = [];

  /** @param instead what is posted in place of a message that no thread can be sent; undefined: it throws. */
  constructor(
    post: (messages: readonly Message[]) => void,
    instead: (message: Message) => Message | undefined = () => undefined,
  ) {
    this.#post = post;
    this.#instead = instead;
  }

  send(message: Message): void {
    this.#messages.push(message);
    if (this.#messages.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const messages = this.#messages;
    this.#messages = [];
    try {
      this.#post(messages);
    } catch {
      for (const message of messages) this.#postAlone(message);
    }
  }

  #postAlone(message: Message): void {
    try {
      this.#post([message]);
    } catch (error) {
      const instead = this.#instead(message);
      if (instead === undefined) throw error;
      this.#post([instead]);
    }
  }
}
