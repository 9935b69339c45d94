import type { FunctionDescription } from "../core/options/settings.ts";

/** The functions of a pool's module, as its first member tells them, and whoever waits for them. */
export class Description {
  #functions: readonly FunctionDescription[] | undefined;
  #awaited: PromiseWithResolvers<readonly FunctionDescription[]> | undefined;

  /** Undefined until the first member has loaded the module. */
  get functions(): readonly FunctionDescription[] | undefined {
    return this.#functions;
  }

  get isAwaited(): boolean {
    return this.#awaited !== undefined;
  }

  /** Resolves with what the next member tells. */
  next(): Promise<readonly FunctionDescription[]> {
    this.#awaited ??= Promise.withResolvers();
    return this.#awaited.promise;
  }

  /** A member has loaded the module. `toRunnable` leaves out which of the first functions it does not have. */
  tell(
    functions: readonly FunctionDescription[],
    toRunnable: (functions: readonly FunctionDescription[]) => readonly FunctionDescription[],
  ): void {
    this.#functions ??= functions;
    this.#awaited?.resolve(toRunnable(this.#functions));
    this.#awaited = undefined;
  }

  /** None can load it. */
  fail(error: Error): void {
    this.#awaited?.reject(error);
    this.#awaited = undefined;
  }
}
