import { ERROR_TABLE } from "../../src/core/errors.ts";
import { table } from "./markdown.mjs";

/** Codes that a task's `failures` carry; they are no answer to a call. */
const OF_ATTEMPTS = /^(?:TASK_(?:FAILED|TIMEOUT|EXITED|KILLED|OUT_OF_MEMORY|EXPIRED|UNREADABLE)|WORKER_DIED)$/;

/**
 * The errors that a call rejects with, with the HTTP status of each.
 *
 * @returns {string}
 */
export function errorsTable() {
  return tableOf(false);
}

/**
 * The codes of failed attempts.
 *
 * @returns {string}
 */
export function failuresTable() {
  return tableOf(true);
}

/** @param {boolean} ofAttempts */
function tableOf(ofAttempts) {
  const entries = Object.entries(ERROR_TABLE).filter(([code]) => OF_ATTEMPTS.test(code) === ofAttempts);
  return table(
    ["code", "HTTP status", "meaning"],
    entries.map(([code, { status, meaning }]) => [`\`${code}\``, String(status), meaning]),
  );
}
