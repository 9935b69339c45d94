import * as v from "valibot";
import { ENQUEUE_OPTIONS, type EnqueueKind } from "../core/options/declarations.ts";
import { DURATION_FORMS, durationFrom } from "../core/options/durations.ts";
import {
  IDEMPOTENCY_KEY_FORMS,
  isIdempotencyKey,
  MOST_RESTARTS,
  PRIORITY_FORMS,
  RESTARTS_FORMS,
  timeFrom,
} from "../core/options/readers.ts";

/** The options of an enqueue that a request's body may have, each under its name. */
export function optionFields(): Readonly<Record<string, v.ExactOptionalSchema<v.GenericSchema, undefined>>> {
  const fields = ENQUEUE_OPTIONS.filter(({ http }) => http === "body");
  return Object.fromEntries(fields.map(({ name, kind }) => [name, v.exactOptional(SCHEMAS[kind](name))]));
}

/** The values of each kind of option, as JSON has them. */
const SCHEMAS: Readonly<Record<EnqueueKind, (field: string) => v.GenericSchema>> = {
  priority: (field) => wholeNumber(`${field} must be ${PRIORITY_FORMS}`, 1, 10),
  restarts: (field) => wholeNumber(`${field} must be ${RESTARTS_FORMS}`, 0, MOST_RESTARTS),
  duration,
  timeout: duration,
  time: (field) =>
    v.pipe(
      v.string(timeForms(field)),
      v.check((value) => timeFrom(value) !== undefined, timeForms(field)),
    ),
  idempotencyKey: (field) => v.custom(isIdempotencyKey, `${field} must be ${IDEMPOTENCY_KEY_FORMS}`),
};

function timeForms(field: string): string {
  return `${field} must be an RFC 3339 time with an offset, such as "2027-01-31T08:00:00Z"`;
}

function wholeNumber(sentence: string, least: number, most: number): v.GenericSchema {
  return v.pipe(v.number(sentence), v.integer(sentence), v.minValue(least, sentence), v.maxValue(most, sentence));
}

function duration(field: string): v.GenericSchema {
  const sentence = `${field} must be ${DURATION_FORMS}`;
  return v.pipe(
    v.union([v.number(), v.string()], sentence),
    v.check((value) => durationFrom(value) !== undefined, sentence),
  );
}
