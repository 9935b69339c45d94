import { ERROR_TABLE, Stage3Error } from "../core/errors.ts";

const HEADERS = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
} as const;

/** A JSON response of exactly this body. */
export function answer(status: number, body: object, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { ...HEADERS, ...headers } });
}

/** The answer to a call that was refused. */
export function refusal(status: number, message: string, headers?: Readonly<Record<string, string>>): Response {
  return answer(status, { message, status: "error" }, headers);
}

/**
 * The refusal that an error leads to. Only what concerns the caller is disclosed: for a mistake of the caller, the
 * message; for a failing database, the meaning of the code; for tasks that cannot be loaded, a fixed sentence; for an
 * unexpected error, nothing. The last two are passed to `report`.
 */
export function refusalOf(error: unknown, report: (error: unknown) => void): Response {
  if (!(error instanceof Stage3Error)) return internalError(error, report);
  const { status, answer: sentence, meaning } = ERROR_TABLE[error.code];
  if (error.code === "QUEUE_FULL") return refusal(status, firstSentence(error.message));
  if (status < 500) return refusal(status, sentence ?? error.message);
  if (status === 503) return refusal(status, sentence ?? meaning);
  return internalError(error, report, sentence);
}

function internalError(error: unknown, report: (error: unknown) => void, sentence = "Internal error"): Response {
  report(error);
  return refusal(500, sentence);
}

/** The caller knows which task it is; how to configure the queue does not concern the caller. */
function firstSentence(message: string): string {
  return message.split(". ", 1)[0] ?? message;
}
