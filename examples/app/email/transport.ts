import type { Message } from "./message.ts";

/** Something that takes messages, one after another. */
export interface Transport {
  /** Whether an earlier attempt has delivered this message already. */
  isDelivered(message: Message): Promise<boolean>;
  deliver(message: Message, signal: AbortSignal): Promise<void>;
  close(): void;
}
