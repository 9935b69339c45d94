import { Stage3Error } from "../core/errors.ts";

/** What keeps storage from being written just now, and what has to be done before that counts as over. */
export class StorageFault {
  #error: Error | undefined;
  #isTold = false;
  #needsProbe = false;
  #leavesDoubt = false;

  /** The error that calls are answered with; undefined: storage is written as it should be. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** Whether it is more than a lock, so that only a write shows that it is over. */
  get needsProbe(): boolean {
    return this.#needsProbe;
  }

  /** Whether a turn has failed in a way that leaves open whether it was applied. */
  get leavesDoubt(): boolean {
    return this.#leavesDoubt;
  }

  /** A turn has failed, or what stands for one; a lock has certainly written nothing. */
  failed(error: Error, isLock: boolean): void {
    if (!isDamage(this.#error)) this.#error = error;
    this.#needsProbe = !isLock;
    this.#leavesDoubt ||= !isLock;
  }

  /** Somebody else than a turn has met this error: what is damaged is so whatever turns still write. */
  found(error: Error): void {
    if (isDamage(error)) this.#error = error;
  }

  /** Storage took a write. What is damaged stays so, whichever parts of it can still be written. */
  recovered(): void {
    if (!isDamage(this.#error)) this.#error = undefined;
    this.#needsProbe = false;
  }

  /** What was in doubt has been given back, or nothing runs here that could be. */
  doubtSettled(): void {
    this.#leavesDoubt = false;
  }

  /** Whether to tell of it: once, until calls are answered without an error again. */
  tellOnce(): boolean {
    const isNews = !this.#isTold;
    this.#isTold = true;
    return isNews;
  }

  /** Calls were answered by a turn that was written: the next fault is news, unless this one stays. */
  callsAnswered(): void {
    if (this.#error === undefined) this.#isTold = false;
  }
}

function isDamage(error: Error | undefined): boolean {
  return error instanceof Stage3Error && error.code === "DATABASE_CORRUPT";
}
