// Checked by the compiler alone: what is wrong here has to be marked as an error.
import type { Broker, TaskId } from "stage3queue";
import { defineTasks, type InMemory, task } from "stage3queue/tasks";
import type { TestQueue } from "stage3queue/testing";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<_ extends true>(): void {}

interface Address {
  readonly street: string;
  readonly note?: string | undefined;
}

interface Order {
  id: TaskId<number>;
  lines: { article: string; count: number }[];
  to: Address;
  parent?: Order;
}

class Money {
  readonly cents: number;
  constructor(cents: number) {
    this.cents = cents;
  }
  toJSON(): string {
    return `${this.cents} ct`;
  }
}

class Point {
  readonly x: number = 1;
  move(): Point {
    return this;
  }
}

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

const tasks = defineTasks({
  order: (_order: Order, _tags: readonly string[]) => {},
  list: (_rows: { values: number[] }[], _kind: "a" | "b") => {},
  optional: (_first: string, _second?: { loud?: boolean }, _third: number = 1) => {},
  rest: (_first: string, ..._more: number[]) => {},
  both: (_first?: string, ..._more: number[]) => {},
  generic: <T>(value: T): T => value,
  open: (_unknown: unknown, _any: any, _json: Json, _record: Record<string, unknown>) => {}, // oxlint-disable-line typescript/no-explicit-any
  nullable: (_at: string | null, _value: { a: string | undefined }) => {},
  at: (_at: Date) => {},
  either: (_at: Date | string) => {},
  deep: (_value: { rows: { at: Date }[] }) => {},
  map: (_map: Map<string, number>) => {},
  set: (_set: ReadonlySet<string>) => {},
  big: (_big: bigint) => {},
  call: (_call: () => void) => {},
  symbol: (_symbol: symbol) => {},
  money: (_money: Money) => {},
  point: (_point: Point) => {},
  bytes: (_bytes: Uint8Array) => {},
  policy: task({ timeout: "1s" }, (_at: Date) => new Date()),
});
const others = defineTasks({ other: (year: number) => ({ year, at: new Date() }) });

declare const broker: Broker<typeof tasks & typeof others>;
declare const order: Order;
declare const address: Address;

// What JSON carries compiles.
await broker.enqueue("default", "order", [order, ["a"]]);
await broker.enqueue("default", "order", [{ id: "…", lines: [], to: address }, ["a"] as const]);
await broker.enqueue("default", "list", [[{ values: [1] }], "a"]);
const rows = [{ values: [1, 2] }] as const;
await broker.enqueue("default", "list", [rows, "b"]);
await broker.enqueue("default", "optional", ["a"]);
await broker.enqueue("default", "optional", ["a", { loud: true }]);
await broker.enqueue("default", "optional", ["a", {}, 2]);
await broker.enqueue("default", "rest", ["a"]);
await broker.enqueue("default", "rest", ["a", 1, 2]);
await broker.enqueue("default", "both", ["a", 1]);
// @ts-expect-error: the first is a string
await broker.enqueue("default", "both", [1]);
await broker.enqueue("default", "generic", [1]);
await broker.enqueue("default", "open", [address, address, { a: [1, { b: null }] }, { a: 1 }]);
await broker.enqueue("default", "nullable", [null, { a: undefined }]);
await broker.enqueue("default", "either", ["2026-01-01"]);
await broker.enqueue("default", "other", [2026]);
const topic: string = "default";
await broker.enqueue(topic, "rest", ["a", 1]);
export const later = (...args: Parameters<typeof tasks.optional>): Promise<string> =>
  broker.enqueue("default", "optional", args);

// What it does not, does not.
// @ts-expect-error: a Date
await broker.enqueue("default", "at", [new Date()]);
// @ts-expect-error: a Date, behind task()
await broker.enqueue("default", "policy", [new Date()]);
// @ts-expect-error: a Date in a union
await broker.enqueue("default", "either", [new Date()]);
// @ts-expect-error: a Date deep within
await broker.enqueue("default", "deep", [{ rows: [{ at: new Date() }] }]);
// @ts-expect-error: a Map
await broker.enqueue("default", "map", [new Map([["a", 1]])]);
// @ts-expect-error: a Set
await broker.enqueue("default", "set", [new Set(["a"])]);
// @ts-expect-error: a BigInt
await broker.enqueue("default", "big", [1n]);
// @ts-expect-error: a function
await broker.enqueue("default", "call", [() => {}]);
// @ts-expect-error: a symbol
await broker.enqueue("default", "symbol", [Symbol("a")]);
// @ts-expect-error: what has a toJSON
await broker.enqueue("default", "money", [new Money(1)]);
// @ts-expect-error: an instance with methods
await broker.enqueue("default", "point", [new Point()]);
// @ts-expect-error: binary data
await broker.enqueue("default", "bytes", [new Uint8Array(1)]);
// @ts-expect-error: an element that is undefined
await broker.enqueue("default", "rest", ["a", undefined]);
// @ts-expect-error: not in a topic that is a plain string either
await broker.enqueue(topic, "at", [new Date()]);
// @ts-expect-error: a property that the function does not know
await broker.enqueue("default", "optional", ["a", { loud: true, quiet: false }]);
// @ts-expect-error: the same for many
await broker.enqueueMany("default", [["at", [new Date()]]]);

// What is for queues in memory says so where it is declared.
const memory = defineTasks({
  at: (_at: InMemory<Date>) => {},
  maps: (_maps: { seen: InMemory<Map<string, Date>> }[], _big?: InMemory<bigint>) => {},
  either: (_at: InMemory<Date> | string) => {},
  some: (_seen: InMemory<Set<string>>, _at: Date) => {},
});
declare const stage3: TestQueue<typeof memory>;
await stage3.broker.enqueue("statistics", "at", [new Date()]);
await stage3.broker.enqueue("statistics", "maps", [[{ seen: new Map() }], 1n]);
await stage3.broker.enqueue("statistics", "either", [new Date()]);
await stage3.broker.enqueue("statistics", "either", ["2026-01-01"]);
await stage3.broker.enqueueMany("statistics", [["at", [new Date()]]]);
// @ts-expect-error: another type
await stage3.broker.enqueue("statistics", "at", [new Map()]);
// @ts-expect-error: the second does not say so
await stage3.broker.enqueue("statistics", "some", [new Set(["a"]), new Date()]);
export const at: number = (await stage3.broker.enqueue("statistics", "at", [new Date()])).length;
memory.at(new Date());

// Results are what JSON makes of them.
const results = defineTasks({
  date: () => new Date(),
  nested: async () => ({ at: new Date(), rows: [{ money: new Money(1) }] }),
  absent: (): { a: string; b: number | undefined; c?: boolean; d: undefined } => ({ a: "", b: 1, d: undefined }),
  holes: (): (string | undefined)[] => [],
  tuple: (): readonly [string, Date] => ["", new Date()],
  instance: () => new Point(),
  map: () => new Map<string, Date>(),
  big: () => 1n,
  nothing: () => {},
  maybe: (): Order | undefined => undefined,
  unknown: (): unknown => 1,
  any: (): any => 1, // oxlint-disable-line typescript/no-explicit-any
  record: (): Record<string, Date> => ({}),
  union: (): { kind: "a"; at: Date } | { kind: "b" } => ({ kind: "b" }),
  json: (): Json => null,
});
declare const told: Broker<typeof results>;
type Results = typeof results;
async function result<Name extends keyof Results>(name: Name) {
  return told.result(await told.enqueue("default", name, [] as never));
}
holds<Equal<Awaited<ReturnType<typeof result<"date">>>, string>>();
holds<Equal<Awaited<ReturnType<typeof result<"nested">>>, { at: string; rows: { money: string }[] }>>();
holds<Equal<Awaited<ReturnType<typeof result<"absent">>>, { a: string; b?: number; c?: boolean }>>();
holds<Equal<Awaited<ReturnType<typeof result<"holes">>>, (string | null)[]>>();
holds<Equal<Awaited<ReturnType<typeof result<"tuple">>>, [string, string]>>();
holds<Equal<Awaited<ReturnType<typeof result<"instance">>>, { x: number }>>();
holds<Equal<Awaited<ReturnType<typeof result<"map">>>, undefined>>();
holds<Equal<Awaited<ReturnType<typeof result<"big">>>, undefined>>();
holds<Equal<Awaited<ReturnType<typeof result<"nothing">>>, void>>();
holds<Equal<Awaited<ReturnType<typeof result<"unknown">>>, unknown>>();
holds<Equal<Awaited<ReturnType<typeof result<"record">>>, { [x: string]: string }>>();
holds<Equal<Awaited<ReturnType<typeof result<"union">>>, { kind: "a"; at: string } | { kind: "b" }>>();
const json: Json = await result("json");
const maybe = await result("maybe");
export const parent: string | undefined = maybe?.parent?.parent?.to.street ?? (typeof json === "string" ? json : "");
const inferred = await broker.result(await broker.enqueue("default", "other", [2026]));
holds<Equal<typeof inferred, { year: number; at: string }>>();
