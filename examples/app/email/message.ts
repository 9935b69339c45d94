import { createHash } from "node:crypto";
import type { SendMailOptions } from "nodemailer";

/** What a message says. */
export interface Content {
  subject?: string;
  text?: string;
}

/** Who writes to whom, as `parseAddress` returned them. */
interface Addresses {
  readonly from: string;
  readonly to: string;
}

/** One message to one recipient. */
export interface Message {
  /** The same for the same task and recipient, also in a later attempt. */
  readonly key: string;
  readonly to: string;
  readonly mail: SendMailOptions;
}

/** Checks what a message is to say, and fills in what was left out. */
export function parseContent(value: unknown = {}): Required<Content> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError('The third argument must be an object such as {"subject": "Hello", "text": "…"}.');
  }
  const {
    subject = "A message from Stage3Queue",
    text = "This message was sent by a background task.\n",
    ...rest
  } = value as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new TypeError(`"${unknown}" is unknown; a message has a subject and a text.`);
  if (typeof subject !== "string" || typeof text !== "string") throw new TypeError("subject and text must be texts.");
  return { subject, text };
}

/**
 * Composes the message for one recipient. A task runs at least once, hence now and then twice: the Message-ID follows
 * from task and recipient, so that whoever gets a second copy can tell that it is one.
 */
export function composeMessage(taskId: string, { from, to }: Addresses, content: Required<Content>): Message {
  const key = `${taskId}.${createHash("sha256").update(to.toLowerCase()).digest("hex").slice(0, 12)}`;
  const domain = from.slice(from.lastIndexOf("@") + 1);
  return { key, to, mail: { from, to, ...content, messageId: `<${key}@${domain}>`, disableFileAccess: true } };
}
