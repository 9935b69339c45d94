import { existsSync } from "node:fs";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import { writeFileAtomically } from "../write-file-atomically.ts";
import type { Message } from "./message.ts";
import type { Transport } from "./transport.ts";

/** A folder of complete messages as `.eml` files (RFC 5322), which any mail program opens. */
export function openOutbox(folder: string): Transport {
  const composer = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  const fileOf = ({ key, to }: Message): string =>
    join(folder, `${key}.${to.replaceAll(/[^\w@.+-]/gu, "_")}`.slice(0, 200) + ".eml");
  return {
    isDelivered: async (message) => existsSync(fileOf(message)),
    async deliver(message, signal) {
      const { message: content } = await composer.sendMail({ ...message.mail, signal });
      if (!Buffer.isBuffer(content)) throw new TypeError("The composer was asked for a buffer and gave a stream.");
      await writeFileAtomically(fileOf(message), content);
    },
    close: () => composer.close(),
  };
}
