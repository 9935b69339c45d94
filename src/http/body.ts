import { refusal } from "./answers.ts";

/** A body that was read, or why it was not. */
export type ReadBody =
  | { readonly kind: "json"; readonly value: unknown; readonly bytes: number }
  | { readonly kind: "refused"; readonly response: Response };

/** Reads a JSON body of at most `limitBytes`; never more of it, whether or not it declares its length. */
export async function readJsonBody(request: Request, limitBytes: number): Promise<ReadBody> {
  if (request.bodyUsed) return { kind: "refused", response: bodyTaken() };
  if (!isJson(request.headers.get("content-type"))) {
    return refused(415, "The content type must be application/json, in UTF-8");
  }
  if (request.headers.has("content-encoding")) return refused(415, "The body must not be compressed");
  if (Number(request.headers.get("content-length")) > limitBytes) return tooLarge(limitBytes);
  const read = await readBytes(request, limitBytes);
  switch (read.kind) {
    case "tooLarge":
      return tooLarge(limitBytes);
    case "cutShort":
      return refused(400, "The body ended early");
    case "whole":
      return parse(read.bytes);
  }
}

/** The refusal where the body was read before. It is meant for the developer: a caller cannot fix it. */
export function bodyTaken(): Response {
  return refusal(500, "The body was read before it came here; mount the queue's handler before any body parser");
}

type ReadBytes =
  | { readonly kind: "whole"; readonly bytes: Uint8Array }
  | { readonly kind: "tooLarge" }
  | { readonly kind: "cutShort" };

async function readBytes(request: Request, limitBytes: number): Promise<ReadBytes> {
  try {
    // A body never has more bytes than it declares: HTTP ends it there. Reading it whole is cheaper than in chunks.
    const declaresLength = request.headers.has("content-length");
    const bytes = declaresLength ? new Uint8Array(await request.arrayBuffer()) : await readChunks(request, limitBytes);
    return bytes === undefined || bytes.byteLength > limitBytes ? { kind: "tooLarge" } : { kind: "whole", bytes };
  } catch {
    return { kind: "cutShort" }; // the client is gone, so nobody reads the answer either
  }
}

/** Undefined: there are more than `limitBytes`. */
async function readChunks(request: Request, limitBytes: number): Promise<Uint8Array | undefined> {
  if (request.body === null) return new Uint8Array();
  const body: ReadableStream<Uint8Array> = request.body;
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks, length);
    length += value.byteLength;
    if (length > limitBytes) break;
    chunks.push(value);
  }
  reader.cancel().catch(() => undefined); // only the rest can fail here, which is not needed
  return undefined;
}

function parse(bytes: Uint8Array): ReadBody {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return refused(400, "The body is not valid UTF-8");
  }
  try {
    return { kind: "json", value: JSON.parse(text) as unknown, bytes: bytes.byteLength };
  } catch {
    return refused(400, "The body is not valid JSON");
  }
}

/** JSON is UTF-8; the parameter that says so may be left out. */
function isJson(contentType: string | null): boolean {
  return /^application\/json\s*(;\s*charset\s*=\s*("utf-8"|utf-8)\s*)?$/i.test((contentType ?? "").trim());
}

function refused(status: number, message: string): ReadBody {
  return { kind: "refused", response: refusal(status, message) };
}

/** The rest is not read. What serves the handler ends the connection then; `HttpServer` lets the answer arrive first. */
function tooLarge(limitBytes: number): ReadBody {
  return refused(413, `The body is too large; at most ${limitBytes} bytes are allowed`);
}
