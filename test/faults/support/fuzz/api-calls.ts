import type { Broker } from "../../../../src/broker/broker.ts";
import type { Chance } from "./chance.ts";
import { keyedNumber } from "./http-calls.ts";
import { anyValue, text } from "./values.ts";

/** What a call has stored, and what it has removed. */
export interface Effect {
  readonly stored: readonly string[];
  readonly discarded?: string;
}

/** One call of the broker's methods, with whatever a caller without types can give. */
export interface ApiCall {
  readonly describe: string;
  readonly run: (broker: Broker) => Promise<Effect>;
}

const NOTHING: Effect = { stored: [] };

export function fuzzedApiCall(dice: Chance, ids: readonly string[]): ApiCall {
  if (dice.in100(4)) {
    const number = keyedNumber(dice);
    const again = async (broker: Broker): Promise<Effect> => ({
      stored: [await broker.enqueue("default", "echo", [number], { idempotencyKey: `same${number}` })],
    });
    return { describe: "broker.enqueue with a key", run: again };
  }
  const known = (): string => (ids.length > 0 ? dice.pick(ids) : "none");
  const id = dice.in100(80) ? known() : dice.in100(50) ? text(dice) : (anyValue(dice) as string);
  const name = dice.pick([
    "enqueue",
    "enqueue",
    "enqueue",
    "enqueueMany",
    "abort",
    "read",
    "discard",
    "requeue",
    "list",
  ]);
  switch (name) {
    case "enqueue": {
      const { topic, functionName, args, options } = enqueueParts(dice);
      const run = async (broker: Broker): Promise<Effect> => ({
        stored: [await broker.enqueue(topic, functionName, args, options)],
      });
      return { describe: "broker.enqueue", run };
    }
    case "enqueueMany": {
      const { topic } = enqueueParts(dice);
      const entries: unknown = dice.in100(92)
        ? Array.from({ length: dice.upTo(4) }, () => manyEntry(dice))
        : anyValue(dice);
      const run = async (broker: Broker): Promise<Effect> => ({
        stored: await broker.enqueueMany(topic, entries as []),
      });
      return { describe: "broker.enqueueMany", run };
    }
    case "discard": {
      const run = async (broker: Broker): Promise<Effect> =>
        (await broker.dlq.discard(id)) ? { stored: [], discarded: id } : NOTHING;
      return { describe: "dlq.discard", run };
    }
    case "list": {
      const query = dice.in100(70) ? { limit: dice.upTo(5) + 1, after: id } : (anyValue(dice) as object);
      return { describe: "dlq.list", run: (broker) => broker.dlq.list(query).then(() => NOTHING) };
    }
    case "abort":
      return { describe: "broker.abort", run: (broker) => broker.abort(id).then(() => NOTHING) };
    case "requeue":
      return { describe: "dlq.requeue", run: (broker) => broker.dlq.requeue(id).then(() => NOTHING) };
    default:
      return {
        describe: "broker.status and get",
        run: async (broker) => {
          await Promise.all([broker.status(id), broker.get(id), broker.isRunning(id), broker.isInDlq(id)]);
          return NOTHING;
        },
      };
  }
}

interface EnqueueParts {
  readonly topic: string;
  readonly functionName: string;
  readonly args: readonly unknown[];
  readonly options: object;
}

function enqueueParts(dice: Chance): EnqueueParts {
  return {
    topic: dice.in100(92) ? dice.pick(["default", "other"]) : (anyValue(dice) as string),
    functionName: dice.in100(92) ? dice.pick(["echo", "fail"]) : (anyValue(dice) as string),
    args: dice.in100(92) ? Array.from({ length: dice.upTo(3) }, () => anyValue(dice)) : (anyValue(dice) as []),
    options: dice.in100(92) ? fuzzedOptions(dice) : (anyValue(dice) as object),
  };
}

function manyEntry(dice: Chance): unknown {
  const { functionName, args, options } = enqueueParts(dice);
  return dice.in100(94) ? [functionName, args, options] : anyValue(dice);
}

function fuzzedOptions(dice: Chance): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  if (dice.in100(20)) options["priority"] = dice.in100(80) ? 1 + dice.upTo(9) : anyValue(dice);
  if (dice.in100(10)) options["maxRestarts"] = dice.in100(80) ? 0 : anyValue(dice);
  if (dice.in100(10)) options["idempotencyKey"] = dice.in100(80) ? `k${dice.upTo(50)}` : anyValue(dice);
  for (const name of ["timeout", "abortGrace", "maxBackoff"]) {
    if (dice.in100(6)) options[name] = dice.in100(60) ? dice.pick([5, "5s", "1m"]) : anyValue(dice);
  }
  if (dice.in100(3)) options[text(dice)] = anyValue(dice);
  return options;
}
