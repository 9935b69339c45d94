// What JSON makes of types, for the compiler alone.

/** Fits no value. The compiler's message names it, and so says what to pass instead. */
export interface NotJson<PassInstead extends string> {
  readonly [PASS]: PassInstead;
}

declare const PASS: unique symbol;

/**
 * A parameter that is not JSON, such as a Map, of a function that is enqueued to queues with `persistent: false` alone.
 *
 * @example
 * export default defineTasks({ summarize: (seen: InMemory<Map<string, Date>>) => seen.size });
 */
export type InMemory<T> = T & { readonly [IN_MEMORY]?: never };

declare const IN_MEMORY: unique symbol;

/** Those with a brand are what they are without it, too. */
type Scalar = string | number | boolean | null;
type Callable = ((...args: never) => unknown) | (abstract new (...args: never) => unknown);
type Collection = ReadonlyMap<unknown, unknown> | ReadonlySet<unknown> | WeakMap<WeakKey, unknown> | WeakSet<WeakKey>;
type Binary = ArrayBufferLike | ArrayBufferView;
type OwnJson = { toJSON: (...args: never) => unknown };

type IsAny<T> = 0 extends 1 & T ? true : false;
type IsOpen<T> = IsAny<T> extends true ? true : unknown extends T ? true : false;

/**
 * What may be given for an argument of type `T` where arguments are JSON: the same data, also as readonly arrays. Nothing
 * fits a Date, a Map, a Set, a BigInt, a function, a symbol, binary data, or an object with methods, since JSON would
 * change them. What is {@link InMemory} stays as it is, and so do `any` and `unknown`: what is given for them is checked when the
 * task is enqueued.
 */
export type JsonArgument<T> =
  IsOpen<T> extends true
    ? T
    : T extends Scalar
      ? T
      : T extends undefined
        ? never // null says it; what is optional is left out
        : typeof IN_MEMORY extends keyof T
          ? T
          : T extends bigint | symbol
            ? NotJson<"text">
            : T extends Callable
              ? NotJson<"data, no function">
              : T extends Date
                ? NotJson<"ISO string or milliseconds">
                : T extends Collection
                  ? NotJson<"a plain object or an array">
                  : T extends Binary
                    ? NotJson<"base64 string">
                    : T extends PromiseLike<unknown> | RegExp | OwnJson
                      ? NotJson<"a plain object">
                      : T extends readonly (infer Element)[]
                        ? readonly Element[] extends Readonly<T> // A mapped type has no end where a type contains itself.
                          ? readonly JsonArgument<Element>[]
                          : JsonArguments<T>
                        : JsonArguments<T>;

type JsonArguments<T> = { readonly [Key in keyof T]: JsonProperty<T, Key> };

/** What may be undefined: a property, which is then left out, and an optional parameter, but no element of an array. */
type JsonProperty<T, Key extends keyof T> = Key extends symbol
  ? T[Key]
  : T extends readonly unknown[]
    ? JsonArgument<T[Key]> | (object extends Pick<T, Key> ? undefined : never)
    : JsonArgument<T[Key]> | Extract<T[Key], undefined>;

/**
 * What a handler's result of type `T` is for whoever waits for it: as `JSON.parse` gives it back after
 * `JSON.stringify`. A Date is its ISO string, and what has a `toJSON` what that returns; properties that are undefined or functions
 * are left out. What has no JSON, such as a BigInt or a Map, is never there: such a result is dropped.
 */
export type JsonResult<T> = [JsonValue<T>] extends [never] ? undefined : JsonValue<T>;

type JsonValue<T> =
  IsOpen<T> extends true
    ? T
    : T extends Scalar | undefined | void
      ? T
      : T extends OwnJson
        ? JsonValue<ReturnType<T["toJSON"]>>
        : T extends bigint | symbol | Callable | Collection | Binary | PromiseLike<unknown> | RegExp
          ? never
          : T extends readonly (infer Element)[]
            ? readonly Element[] extends Readonly<T>
              ? JsonElement<Element>[]
              : { -readonly [Index in keyof T]: JsonElement<T[Index]> }
            : JsonObject<T>;

type JsonElement<T> = IsOpen<T> extends true ? T : T extends undefined ? null : JsonValue<T>;

/** What an object's property is left out for. */
type LeftOut = undefined | symbol | Callable;

type JsonObject<T> = Flat<
  { -readonly [Key in keyof T as KeptKey<T, Key, "always">]: JsonValue<T[Key]> } & {
    -readonly [Key in keyof T as KeptKey<T, Key, "sometimes">]?: JsonValue<Exclude<T[Key], LeftOut>>;
  }
>;

type KeptKey<T, Key extends keyof T, When> = Key extends symbol ? never : When extends Kept<T[Key]> ? Key : never;

type Kept<T> =
  IsOpen<T> extends true
    ? "always"
    : [Extract<T, LeftOut>] extends [never]
      ? "always"
      : [Exclude<T, LeftOut>] extends [never]
        ? "never"
        : "sometimes";

/** One object type in place of an intersection, as an editor shows it. */
type Flat<T> = { [Key in keyof T]: T[Key] };
