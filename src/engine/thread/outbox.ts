/** Gathers the messages of one synchronous stretch of code and posts them as one, since each post costs as much. */
export class Outbox<Message> {
  readonly #post: (messages: readonly Message[]) => void;
  #messages: Message[] = [];

  constructor(post: (messages: readonly Message[]) => void) {
    this.#post = post;
  }

  send(message: Message): void {
    this.#messages.push(message);
    if (this.#messages.length === 1) queueMicrotask(() => this.#flush());
  }

  #flush(): void {
    const messages = this.#messages;
    this.#messages = [];
    this.#post(messages);
  }
}
