/** A message of one part, read back without the code that wrote it. */
export interface Mail {
  /** By name in lower case, unfolded and decoded. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Reads a message as RFC 5322, 2045 and 2047 lay it out. */
export function readMail(source: string): Mail {
  const end = source.indexOf("\r\n\r\n");
  if (end < 0) throw new Error("The message has no empty line after its headers.");
  const head = source.slice(0, end).replaceAll(/\r\n(?=[ \t])/gu, "");
  const headers = new Map(head.split("\r\n").map(readHeader));
  return { headers, body: decodeBody(source.slice(end + 4), headers.get("content-transfer-encoding")) };
}

function readHeader(line: string): [string, string] {
  const colon = line.indexOf(":");
  if (colon < 1) throw new Error(`"${line}" is no header.`);
  const value = line.slice(colon + 1).trim();
  return [line.slice(0, colon).toLowerCase(), decodeWords(value)];
}

/** Words such as `=?UTF-8?Q?caf=C3=A9?=`; the space between two of them does not count. */
function decodeWords(value: string): string {
  return value
    .replaceAll(/\?=\s+=\?/gu, "?==?")
    .replaceAll(/=\?utf-8\?([qb])\?([^?]*)\?=/giu, (_, encoding: string, text: string) =>
      encoding.toLowerCase() === "b" ? fromBase64(text) : fromQuotedPrintable(text.replaceAll("_", " ")),
    );
}

function decodeBody(body: string, encoding = "7bit"): string {
  if (encoding === "base64") return fromBase64(body);
  return encoding === "quoted-printable" ? fromQuotedPrintable(body.replaceAll("=\r\n", "")) : body;
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString("utf8");
}

function fromQuotedPrintable(text: string): string {
  const bytes = text.replaceAll(/=([\dA-F]{2})/gu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
