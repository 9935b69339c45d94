import { inspect, isDeepStrictEqual } from "node:util";
import { cutText } from "../core/cut-text.ts";

/** What Vitest's and Jest's `expect.any(String)`, `expect.objectContaining(…)` and their like are. */
export interface AsymmetricMatcher {
  readonly asymmetricMatch: (actual: unknown) => boolean;
}

/** A value, where any part of it may be a matcher instead. */
export type Expected<Value> =
  | AsymmetricMatcher
  | (unknown extends Value ? unknown : { readonly [Key in keyof Value]: Expected<Value[Key]> });

/**
 * Matches whatever `predicate` says true to; for test frameworks that have no matchers of their own.
 *
 * @example
 * stage3.expectEnqueued("emails", "send welcome", [matching((address: string) => address.endsWith("@example.com"))]);
 */
// The parameter lets `predicate` name the type that it expects.
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters
export function matching<Value>(predicate: (actual: Value) => boolean): AsymmetricMatcher {
  const shown = `matching(${cutText(String(predicate), LONGEST_PREDICATE)})`;
  return Object.freeze({
    asymmetricMatch: (actual: unknown) => predicate(actual as Value),
    // So do Vitest and Jest, and Node, find out what to show.
    toAsymmetricMatcher: () => shown,
    [inspect.custom]: () => shown,
  });
}

/** How much of a predicate's text is shown, in bytes. */
const LONGEST_PREDICATE = 200;

/**
 * Whether `actual`, which came from JSON, is what was expected. As in JSON an undefined property counts as none, -0 is
 * 0, and it does not matter which prototype an object has.
 */
export function matches(expected: unknown, actual: unknown): boolean {
  if (isMatcher(expected)) return expected.asymmetricMatch(actual);
  if (Array.isArray(expected)) return Array.isArray(actual) && haveSameItems(expected, actual);
  if (isRecord(expected)) return isRecord(actual) && haveSameProperties(expected, actual);
  return expected === actual || isDeepStrictEqual(expected, actual);
}

function haveSameItems(expected: readonly unknown[], actual: readonly unknown[]): boolean {
  return expected.length === actual.length && expected.every((item, index) => matches(item, actual[index]));
}

function haveSameProperties(expected: Properties, actual: Properties): boolean {
  const names = new Set([...Object.keys(expected), ...Object.keys(actual)]);
  return [...names].every((name) => matches(own(expected, name), own(actual, name)));
}

type Properties = Readonly<Record<string, unknown>>;

/** `__proto__` is a name as any other in JSON. */
function own(properties: Properties, name: string): unknown {
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}

/** Whether a value decides by itself what it matches. */
export function isMatcher(value: unknown): value is AsymmetricMatcher {
  return (
    typeof value === "object" &&
    value !== null &&
    "asymmetricMatch" in value &&
    typeof value.asymmetricMatch === "function"
  );
}

/** No array, and nothing such as a `Date` or a `Map`, which JSON does not have. */
function isRecord(value: unknown): value is Properties {
  return Object.prototype.toString.call(value) === "[object Object]";
}
