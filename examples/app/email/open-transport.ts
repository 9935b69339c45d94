import { openOutbox } from "./outbox.ts";
import { openSmtp } from "./smtp.ts";
import type { Transport } from "./transport.ts";

/** SMTP where the environment names a server, else a folder of files. */
export function openTransport(): Transport {
  const url = process.env["SMTP_URL"];
  return url === undefined || url === "" ? openOutbox("data/outbox") : openSmtp(url, "data/sent");
}
