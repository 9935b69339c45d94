import type { ErrorCode } from "../errors.ts";
import { OPTIONS, optionsAt, type Declaration, type Level, type OptionAt, type OptionName } from "./declarations.ts";
import { KINDS, type KindValues } from "./kinds.ts";
import type { OptionReader } from "./levels.ts";

/** What the code has of an option that was read. */
export type ValueOf<Name extends OptionName> = KindValues[(typeof OPTIONS)[Name]["kind"]];

/** Options that were read, under the names of the code, units included. What was not given is absent. */
export type Given<Name extends OptionName> = {
  readonly [Each in Name as (typeof OPTIONS)[Each]["as"]]?: ValueOf<Each>;
};

/** As {@link Given}, complete: with the defaults filled in, and undefined where there is none. */
export type Complete<Name extends OptionName> = {
  readonly [Each in Name as (typeof OPTIONS)[Each]["as"]]: (typeof OPTIONS)[Each] extends { readonly default: unknown }
    ? ValueOf<Each>
    : ValueOf<Each> | undefined;
};

/**
 * Reads the options of one level.
 *
 * @throws Stage3Error `INVALID_OPTION`, naming the first one that is not allowed; at an enqueue the code that it declares.
 */
export function readLevel<At extends Level>(given: OptionReader, level: At): Given<OptionAt<At>> {
  const values: Record<string, unknown> = {};
  for (const name of optionsAt(level)) {
    const { as, kind, refusedAs }: Declaration & { readonly refusedAs?: ErrorCode } = OPTIONS[name];
    const code = level === "enqueue" ? refusedAs : undefined;
    const value = given.read<unknown>(name, (written, place) => KINDS[kind].read(written, place, code));
    if (value !== undefined) values[as] = value;
  }
  return values as Given<OptionAt<At>>;
}

/** The defaults of one level. */
export function defaultsAt<At extends Level>(level: At): Complete<OptionAt<At>> {
  const defaults = optionsAt(level).map((name): [string, unknown] => {
    const { as, default: value }: Declaration = OPTIONS[name];
    return [as, value];
  });
  return Object.fromEntries(defaults) as Complete<OptionAt<At>>;
}
