import { existsSync } from "node:fs";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { writeFileAtomically } from "../write-file-atomically.ts";
import type { Message } from "./message.ts";
import type { Transport } from "./transport.ts";

/**
 * A connection to an SMTP server, kept for all messages of a task. What the server has taken is noted in a folder,
 * so that another attempt of the task sends only what is missing.
 */
export function openSmtp(url: string, sentFolder: string): Transport {
  const server = createTransport({
    url,
    pool: true,
    maxConnections: 1,
    connectionTimeout: 10_000,
    socketTimeout: 30_000,
  });
  const noteOf = ({ key }: Message): string => join(sentFolder, `${key}.txt`);
  return {
    isDelivered: async (message) => existsSync(noteOf(message)),
    async deliver(message, signal) {
      const { response } = await server.sendMail({ ...message.mail, signal });
      await writeFileAtomically(noteOf(message), `${message.to}\n${response}\n`);
    },
    close: () => server.close({ force: true }),
  };
}
