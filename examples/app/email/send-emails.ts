import { currentTask } from "stage3queue/tasks";
import { parseAddress, parseRecipients } from "./address.ts";
import { composeMessage, parseContent, type Content, type Message } from "./message.ts";
import { openTransport } from "./open-transport.ts";
import type { Transport } from "./transport.ts";

/** What became of a task's messages. */
export interface EmailsSent {
  sent: number;
  /** Recipients that the server refuses for good; another attempt would change nothing. */
  refused: { to: string; reason: string }[];
}

/**
 * The task "send emails": one message a recipient, so that nobody sees the others.
 *
 * Arguments may have come over HTTP, so they are checked whatever their types say, and before the first message goes.
 */
export async function sendEmails(from: string, to: string[], content?: Content): Promise<EmailsSent> {
  const { id, signal, progress, log } = currentTask();
  const sender = parseAddress(from);
  const texts = parseContent(content);
  const messages = parseRecipients(to).map((recipient) => composeMessage(id, { from: sender, to: recipient }, texts));

  const refused: EmailsSent["refused"] = [];
  const transport = openTransport();
  try {
    for (const [index, message] of messages.entries()) {
      signal.throwIfAborted();
      const reason = await deliverOnce(transport, message, signal);
      if (reason !== undefined) refused.push({ to: message.to, reason });
      progress((index + 1) / messages.length);
    }
  } finally {
    transport.close();
  }
  const sent = messages.length - refused.length;
  log(`${sent} of ${messages.length} messages sent`, { refused });
  return { sent, refused };
}

/**
 * Delivers a message unless an earlier attempt has.
 *
 * @returns Why the recipient is refused for good. A failure that may pass is thrown: the task is then restarted.
 */
async function deliverOnce(transport: Transport, message: Message, signal: AbortSignal): Promise<string | undefined> {
  if (await transport.isDelivered(message)) return undefined;
  try {
    await transport.deliver(message, signal);
    return undefined;
  } catch (error) {
    if (isRecipientRefused(error)) return error.message;
    throw error;
  }
}

/** An answer of 5xx to a recipient is permanent; 4xx, a lost connection or a wrong password are not its fault. */
function isRecipientRefused(error: unknown): error is Error {
  if (!(error instanceof Error) || !("responseCode" in error) || !("command" in error)) return false;
  return error.command === "RCPT TO" && Number(error.responseCode) >= 500;
}
