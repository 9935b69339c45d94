import type { Clock } from "./clock.ts";
import type { Random } from "./random.ts";

/**
 * Makes task ids: UUIDs of version 7 as RFC 9562 lays them out, so that they sort by the time they were created.
 *
 *     tttttttt-tttt-7ccc-vccc-rrrrrrrrrrrr
 *
 * `t` is the millisecond since 1970 (48 bits), `c` a counter (26 bits; section 6.2, method 1), `v` the variant with the
 * counter's bits, `r` 48 random bits that are new for every id. The ids of one generator rise strictly: within a
 * millisecond the counter is raised, and it starts at a random number in its lower half. When the clock goes back the
 * last millisecond is kept; when the counter is used up the next millisecond is taken early.
 */
export function createIdGenerator(clock: Pick<Clock, "now">, random: Random): () => string {
  const randomBytes = new RandomBytes(random);
  let lastMs = -1;
  let timePart = "";
  let counter = LARGEST_COUNTER;

  function enter(millisecond: number): void {
    lastMs = millisecond;
    timePart = timeText(millisecond);
    counter =
      randomBytes.next() | (randomBytes.next() << 8) | (randomBytes.next() << 16) | ((randomBytes.next() & 1) << 24);
  }

  return () => {
    const millisecond = Math.floor(clock.now());
    if (millisecond > lastMs) enter(millisecond);
    else if (counter === LARGEST_COUNTER) enter(lastMs + 1);
    else counter++;
    return timePart + counterText(counter) + tailText(randomBytes);
  };
}

/** Whether `text` is a UUID of version 7, in lower or upper case. */
export function isTaskId(text: unknown): boolean {
  return typeof text === "string" && UUID_V7.test(text);
}

/** A task's id as it is stored, in lower case; upper case is accepted. `undefined` for anything else. */
export function toTaskId(text: unknown): string | undefined {
  return typeof text === "string" && UUID_V7.test(text) ? text.toLowerCase() : undefined;
}

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

const LARGEST_COUNTER = 2 ** 26 - 1;

/** Two hexadecimal digits a byte. */
const HEX: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function timeText(millisecond: number): string {
  const digits = millisecond.toString(16).padStart(12, "0");
  return `${digits.slice(0, 8)}-${digits.slice(8)}-7`;
}

/** The upper 12 bits of the counter as `ccc`, then the variant `10` and the lower 14 bits as `vccc`. */
function counterText(counter: number): string {
  const high = (counter >>> 14) + 0x1000;
  const low = (counter & 0x3fff) + 0x8000;
  return `${high.toString(16).slice(1)}-${low.toString(16)}-`;
}

function tailText(bytes: RandomBytes): string {
  let text = "";
  for (let index = 0; index < 6; index++) text += HEX[bytes.next()];
  return text;
}

/** Random bytes, fetched many at a time: a call for each id would cost more than the id. */
class RandomBytes {
  readonly #random: Random;
  readonly #pool: Uint8Array = new Uint8Array(3 * 1024);
  #used: number = this.#pool.length;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): number {
    if (this.#used === this.#pool.length) {
      this.#random.fill(this.#pool);
      this.#used = 0;
    }
    return this.#pool[this.#used++] ?? 0;
  }
}
