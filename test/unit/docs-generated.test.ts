import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { generatePages } from "../../scripts/docs/generate.mjs";
import { type ErrorCode, ERROR_TABLE, Stage3Error } from "../../src/core/errors.ts";
import type { HttpOptions, QueueOptions, RetentionOptions, Stage3QueueOptions } from "../../src/core/options/types.ts";
import { resolveConfig } from "../../src/core/options/resolve-options.ts";
import type { WarningCode } from "../../src/core/events.ts";
import type { FailureCode } from "../../src/core/task.ts";
import { refusalOf } from "../../src/http/answers.ts";

const errorsPage = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
const codes = Object.keys(ERROR_TABLE) as ErrorCode[];

/** A code that the type has and this lacks, or the other way round, does not compile. */
const failureCodes: Record<FailureCode, true> = {
  TASK_FAILED: true,
  TASK_TIMEOUT: true,
  TASK_EXITED: true,
  TASK_KILLED: true,
  TASK_OUT_OF_MEMORY: true,
  TASK_EXPIRED: true,
  TASK_UNREADABLE: true,
  WORKER_DIED: true,
};

/** As above. */
const warningCodes: Record<WarningCode, true> = {
  RESULT_DROPPED: true,
  PROGRESS_DROPPED: true,
  LOG_CUT: true,
  LOG_DROPPED: true,
  NODE_OPTIONS_LEFT_OUT: true,
  ATTEMPT_ABANDONED: true,
  STRAY_REJECTION: true,
  STRAY_EXIT: true,
  WORKER_CANNOT_START: true,
  FUNCTION_MISSING: true,
  LEASE_LOST: true,
  ENGINE_RESTARTED: true,
  TASKS_NOT_LOADED: true,
  TASKS_UNCLAIMABLE: true,
  NO_WORKER: true,
  DATABASE_UNAVAILABLE: true,
};

test("the page of events tells of each warning, and of no other", () => {
  const events = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8");
  const [, section = ""] = events.split("## Warnings");
  const rows = [...section.matchAll(/^\| `([A-Z_]+)` *\| (?! )[^|]+\| (?! )[^|]+\|$/gmu)];
  expect(rows.map(([, code]) => code).toSorted()).toEqual(Object.keys(warningCodes).toSorted());
});

test.each(generatePages())("$path follows from the code (else run scripts/docs/generate.mjs)", (page) => {
  expect(page.current).toBe(page.wanted);
});

describe("the errors: table, types, HTTP answers and docs", () => {
  test("the page has exactly the table's codes, each with its status and meaning", () => {
    const rows = [...errorsPage.matchAll(/^\| `([A-Z_]+)` *\| (\d+) *\| (.+?) *\|$/gmu)];
    const described = rows.map(([, code, status, meaning]) => ({ code, status: Number(status), meaning }));
    const wanted = Object.entries(ERROR_TABLE).map(([code, { status, meaning }]) => ({ code, status, meaning }));
    expect(described).toEqual(wanted);
  });

  test("the page names no code that the table lacks", () => {
    const named = errorsPage.match(/\b[A-Z]+(?:_[A-Z]+)+\b/gu) ?? [];
    expect(named.filter((code) => !Object.hasOwn(ERROR_TABLE, code))).toEqual([]);
  });

  test("the failures of attempts are those of the type", () => {
    const [, section = ""] = errorsPage.split("## Of attempts");
    const named = [...section.matchAll(/^\| `([A-Z_]+)`/gmu)].map(([, code]) => code);
    expect(new Set(named)).toEqual(new Set(Object.keys(failureCodes)));
  });

  test.each(codes)("%s is answered with the table's status and sentence", async (code) => {
    const reported: unknown[] = [];
    const error = new Stage3Error(code, "What went wrong.");
    const response = refusalOf(error, (unforeseen) => reported.push(unforeseen));
    const { status, answer, meaning } = ERROR_TABLE[code];
    const own = status === 500 ? "Internal error" : status === 503 ? meaning : error.message;
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ message: answer ?? own, status: "error" });
    expect(reported).toEqual(status === 500 ? [error] : []);
  });
});

describe("the options: types, defaults and docs", () => {
  const { options, http } = resolveConfig({ tasks: {} });
  const queue = options.queues.get("default");
  const seconds = (ms: number | undefined): string => `${Number(ms) / 1_000} s`;
  const days = (ms: number): string => (ms === Number.POSITIVE_INFINITY ? "for ever" : `${ms / 86_400_000} days`);

  /** The defaults as the pages should tell them; an option that a type has and this lacks does not compile. */
  const defaults = {
    instance: {
      database: `\`${options.database}\``,
      tasks: "none",
      queues: `\`{ ${[...options.queues.keys()].join()}: {} }\``,
      durability: `"${options.durability}"`,
      lease: seconds(options.leaseMs),
      retention: "see below",
      maxPayload: `${options.maxPayloadBytes / 1024 ** 2} MB`,
    } satisfies Record<keyof Stage3QueueOptions, string>,
    queue: {
      priority: String(queue?.priority),
      maxConcurrency: String(queue?.maxConcurrency),
      maxQueueLen: String(queue?.maxQueueLen),
      maxRestarts: String(queue?.maxRestarts),
      maxBackoff: seconds(queue?.maxBackoffMs),
      persistent: String(queue?.persistent),
      isolation: `"process" for a module, "${queue?.isolation}" for functions, which cannot run elsewhere`,
      tasks: "the instance's `tasks`",
      timeout: "no limit",
      expires: "no limit",
      abortGrace: seconds(queue?.abortGraceMs),
      shutdownGrace: seconds(queue?.shutdownGraceMs),
      maxMemory: "no limit",
    } satisfies Record<keyof QueueOptions, string>,
    retention: {
      finished: days(options.retention.finishedMs),
      aborted: days(options.retention.abortedMs),
      dlq: days(options.retention.dlqMs),
    } satisfies Record<keyof RetentionOptions, string>,
    http: {
      host: http.host,
      port: String(http.port),
      token: "none is asked for",
    } satisfies Record<keyof HttpOptions, string>,
  };

  const page = readFileSync(new URL("../../docs/queues-and-options.md", import.meta.url), "utf8");

  test.each(Object.entries(defaults))("the table of %s has each option with its default", (name, wanted) => {
    const [, section = ""] = page.split(`<!-- generated: ${name} -->`);
    const [part = ""] = section.split("<!-- end");
    const rows = [...part.matchAll(/^\| `(\w+)` *\| (.*?) *\|/gmu)].map(([, option, value]) => [option, value]);
    expect(Object.fromEntries(rows)).toEqual(wanted);
  });
});
