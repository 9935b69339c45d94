import type { Chance } from "./chance.ts";

const TEXTS = [
  "",
  "x",
  "\0",
  "\uD800",
  "\uDC00x",
  "\u{1F600}",
  "__proto__",
  "constructor",
  "a\nb",
  "\u2028",
  "é",
  "NaN",
];

/** A value that JSON carries, mostly small, now and then deep or long. */
export function jsonValue(dice: Chance, depth = 0): unknown {
  switch (dice.upTo(depth > 3 ? 4 : 7)) {
    case 0:
      return null;
    case 1:
      return dice.in100(50);
    case 2:
      return dice.pick([0, -0, 1, -1, 1.5, 1e308, 5e-324, 2 ** 53, -1e21]);
    case 3:
    case 4:
      return text(dice);
    case 5:
      return Array.from({ length: dice.upTo(4) }, () => jsonValue(dice, depth + 1));
    case 6:
      return dice.in100(3) ? nested(dice.pick([60, 63, 64, 65, 200, 1_000])) : jsonValue(dice, depth + 1);
    default:
      return Object.fromEntries(Array.from({ length: dice.upTo(4) }, () => [text(dice), jsonValue(dice, depth + 1)]));
  }
}

export function text(dice: Chance): string {
  if (dice.in100(1)) return "y".repeat(dice.pick([2_001, 20_000, 66_000]));
  return dice.in100(60) ? String.fromCodePoint(97 + dice.upTo(25)) : dice.pick(TEXTS);
}

function nested(levels: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}

class Instance {
  readonly field = 1;
}

function cyclic(): unknown {
  const value: Record<string, unknown> = {};
  value["self"] = { value };
  return value;
}

function throwing(): object {
  return {
    get field(): never {
      throw new Error("a getter that throws");
    },
  };
}

const TRAPPED = new Proxy(
  {},
  {
    get: () => {
      throw new Error("a trap that throws");
    },
    ownKeys: () => {
      throw new Error("a trap that throws");
    },
    getPrototypeOf: () => {
      throw new Error("a trap that throws");
    },
  },
);

const ODD: readonly (() => unknown)[] = [
  () => undefined,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => 10n,
  () => Symbol("s"),
  () => () => 1,
  () => new Date(Number.NaN),
  () => new Map([[1, 2]]),
  () => new Instance(),
  () => new Uint8Array(3),
  () => Object.create(null) as unknown,
  () => Object.freeze({ a: Object.freeze([1]) }),
  // oxlint-disable-next-line eslint/no-sparse-arrays -- a hole is the point
  () => [1, , 2],
  cyclic,
  throwing,
  () => TRAPPED,
  () => Promise.resolve(1),
  () => new Proxy([1], {}),
  () => ({ toJSON: () => "else" }),
  () => ({ then: 1 }),
  () => new String("boxed"),
];

/** Whatever JavaScript has: now and then inside of something ordinary. */
export function anyValue(dice: Chance): unknown {
  if (dice.in100(60)) return jsonValue(dice);
  const odd = dice.pick(ODD)();
  return dice.pick([odd, odd, [odd], { a: odd }, [{ b: [odd] }]]);
}
