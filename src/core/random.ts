import { randomFillSync } from "node:crypto";

/** The one source of chance. Production uses {@link systemRandom}; tests and the simulator a seeded one. */
export interface Random {
  /** A number from 0 (included) to 1 (excluded). */
  fraction(): number;
  /** Fills `bytes` with random bytes that nobody can predict (in production). */
  fill(bytes: Uint8Array): void;
}

/** The machine's own randomness. */
export const systemRandom: Random = {
  fraction: () => Math.random(),
  fill: (bytes) => void randomFillSync(bytes),
};
