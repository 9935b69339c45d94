/**
 * Every option of an instance, a queue, a function and an enqueue, each declared once. What they are read with, which
 * value wins, what the database and the idempotency hash hold, the fields of the REST API, the flags of the command and
 * the tables of the docs follow from this. What users are told of an option is the doc comment of its public type, in
 * `types.ts`; `test/types/options.test-d.ts` holds the two together.
 *
 * - `levels`: where it may stand.
 * - `kind`: what its values are, a key of `KINDS`.
 * - `as`: its name in the code, with the unit of the value.
 * - `default`: the value where none is given. Without one: none, or it depends on other options.
 *
 * An option of an enqueue also says:
 *
 * - `stored`: "with the task's options" for what the worker that claims the task resolves; "apart" for what SQL reads.
 * - `hashed`: whether another value makes another content for an idempotency key.
 * - `http`: whether it is a field of the request's body, or a header.
 * - `flag`: what the command tells of its flag.
 * - `excludes`: the option that may not be given together with it.
 * - `refusedAs`: the code of a refusal, where it is not `INVALID_OPTION`.
 */
export const OPTIONS = {
  database: { levels: ["instance", "config"], kind: "database", as: "database", default: "sqlite:data/stage3.db" },
  tasks: { levels: ["instance", "config", "queue"], kind: "tasks", as: "tasks" },
  queues: { levels: ["instance", "config"], kind: "queues", as: "queues", default: [["default", {}]] },
  durability: { levels: ["instance", "config"], kind: "durability", as: "durability", default: "power-loss" },
  lease: { levels: ["instance", "config"], kind: "lease", as: "leaseMs", default: 30_000 },
  retention: { levels: ["instance", "config"], kind: "retention", as: "retention" },
  maxPayload: { levels: ["instance", "config"], kind: "size", as: "maxPayloadBytes", default: 1_048_576 },
  http: { levels: ["config"], kind: "http", as: "http" },
  priority: {
    levels: ["queue", "function", "enqueue"],
    kind: "priority",
    as: "priority",
    default: 10,
    stored: "apart",
    hashed: true,
    http: "body",
    flag: "1 (the most urgent) to 10",
    refusedAs: "INVALID_PRIORITY",
  },
  timeout: {
    levels: ["queue", "function", "enqueue"],
    kind: "timeout",
    as: "timeoutMs",
    stored: "with the task's options",
    hashed: true,
    http: "body",
    flag: "how long one attempt may run, such as 30s or 5m",
  },
  abortGrace: {
    levels: ["queue", "function", "enqueue"],
    kind: "duration",
    as: "abortGraceMs",
    default: 1_000,
    stored: "with the task's options",
    hashed: true,
    http: "body",
    flag: "how long an aborted attempt may take to obey its signal",
  },
  maxRestarts: {
    levels: ["queue", "function", "enqueue"],
    kind: "restarts",
    as: "maxRestarts",
    default: 5,
    stored: "with the task's options",
    hashed: true,
    http: "body",
    flag: "restarts (retries) after the first attempt",
  },
  maxBackoff: {
    levels: ["queue", "function", "enqueue"],
    kind: "duration",
    as: "maxBackoffMs",
    default: 10_000,
    stored: "with the task's options",
    hashed: true,
    http: "body",
    flag: "the longest wait before a restart; 0: no wait",
  },
  maxConcurrency: { levels: ["queue"], kind: "count", as: "maxConcurrency", default: 10 },
  maxQueueLen: { levels: ["queue"], kind: "length", as: "maxQueueLen", default: 200 },
  persistent: { levels: ["queue"], kind: "boolean", as: "persistent", default: true },
  isolation: { levels: ["queue", "function"], kind: "isolation", as: "isolation", default: "process" },
  shutdownGrace: { levels: ["queue"], kind: "duration", as: "shutdownGraceMs", default: 1_000 },
  maxMemory: { levels: ["queue", "function"], kind: "memory", as: "maxMemoryBytes" },
  expires: {
    levels: ["queue", "function", "enqueue"],
    kind: "timeout",
    as: "expiresMs",
    stored: "apart",
    hashed: true,
    http: "body",
    flag: "how long the task is worth starting, counted from now or from when it may start",
  },
  delay: {
    levels: ["enqueue"],
    kind: "duration",
    as: "delayMs",
    stored: "apart",
    hashed: true,
    http: "body",
    flag: "how long it waits before it may start, such as 10m",
    excludes: "runAt",
  },
  runAt: {
    levels: ["enqueue"],
    kind: "time",
    as: "runAt",
    stored: "apart",
    hashed: true,
    http: "body",
    flag: "when it may start, such as 2027-01-31T08:00:00Z",
    excludes: "delay",
  },
  idempotencyKey: {
    levels: ["enqueue"],
    kind: "idempotencyKey",
    as: "idempotencyKey",
    stored: "apart",
    hashed: false,
    http: "header",
    flag: "makes it safe to repeat: the same key and content give the same id for 24 hours",
  },
} as const;

type Options = typeof OPTIONS;

/** The name of an option, as users write it. */
export type OptionName = keyof Options;

/** Where a declared option may stand. */
export type Level = Options[OptionName]["levels"][number];

/** The options that may stand at a level. */
export type OptionAt<At extends Level> = {
  [Name in OptionName]: At extends Options[Name]["levels"][number] ? Name : never;
}[OptionName];

/** The options of an enqueue that are stored in the one or the other way. */
export type StoredOption<How extends EnqueueDeclaration["stored"]> = {
  [Name in OptionAt<"enqueue">]: Options[Name] extends { readonly stored: How } ? Name : never;
}[OptionAt<"enqueue">];

/** What each option declares. */
export interface Declaration {
  readonly levels: readonly Level[];
  readonly kind: Options[OptionName]["kind"];
  readonly as: Options[OptionName]["as"];
  readonly default?: unknown;
}

/** The kinds of the options of an enqueue. */
export type EnqueueKind = Options[OptionAt<"enqueue">]["kind"];

/** What an option of an enqueue declares besides. */
export interface EnqueueDeclaration extends Declaration {
  readonly name: OptionAt<"enqueue">;
  readonly kind: EnqueueKind;
  readonly as: Options[OptionAt<"enqueue">]["as"];
  readonly stored: "with the task's options" | "apart";
  readonly hashed: boolean;
  readonly http: "body" | "header";
  readonly flag: string;
  readonly excludes?: OptionAt<"enqueue">;
  readonly refusedAs?: "INVALID_PRIORITY";
}

/** The options that may stand at a level, in the order of their declarations. */
export function optionsAt<At extends Level>(level: At): readonly OptionAt<At>[] {
  const declared: readonly (readonly [string, Declaration])[] = Object.entries(OPTIONS);
  return declared.filter(([, { levels }]) => levels.includes(level)).map(([name]) => name as OptionAt<At>);
}

/** What the options of an enqueue declare, each with its name. Does not compile while one of them leaves something out. */
export const ENQUEUE_OPTIONS: readonly EnqueueDeclaration[] = Array.from(optionsAt("enqueue"), (name) => ({
  name,
  ...OPTIONS[name],
}));
