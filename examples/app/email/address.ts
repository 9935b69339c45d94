import { domainToASCII } from "node:url";

// RFC 5321: a "dot-string" before the @, without the quoted form that nobody uses; at most 64 characters.
const localPart = /^[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*$/u;
const domainLabel = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/u;

/**
 * Checks an e-mail address and returns it as it goes over the wire: its domain in lower case, a domain such as
 * `bücher.example` in ASCII. A line break or a second address in it would be an attack on the headers; it is refused.
 *
 * @throws {TypeError} It is no plain address such as `someone@example.com`.
 */
export function parseAddress(value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`${show(value)} is no e-mail address: it must be a string.`);
  const at = /[\s\p{Cc}]/u.test(value) ? -1 : value.lastIndexOf("@"); // domainToASCII would drop a line break
  const local = value.slice(0, Math.max(at, 0));
  const domain = domainToASCII(value.slice(at + 1));
  const isDomain = domain.length <= 253 && domain.split(".").every((label) => domainLabel.test(label));
  if (at < 1 || local.length > 64 || !localPart.test(local) || !isDomain) {
    throw new TypeError(`${show(value)} is no e-mail address. Give a plain one, such as "someone@example.com".`);
  }
  return `${local}@${domain}`;
}

/** Checks a list of recipients; one that occurs twice is kept once. */
export function parseRecipients(value: unknown): string[] {
  if (!Array.isArray(value)) {
    throw new TypeError(`The recipients must be a list of e-mail addresses, not ${show(value)}.`);
  }
  const byMailbox = new Map(value.map(parseAddress).map((address) => [address.toLowerCase(), address]));
  return [...byMailbox.values()];
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 100);
}
