const MODULE_KEY: unique symbol = Symbol.for("stage3queue.servedModule");

/** The tasks module whose functions this child or thread was started to run; undefined elsewhere. */
export function servedModule(): string | undefined {
  return (globalThis as { readonly [MODULE_KEY]?: string })[MODULE_KEY];
}

/** Tells every copy of the package that is loaded in this thread what it is there for. */
export function serveModule(url: string): void {
  Object.defineProperty(globalThis, MODULE_KEY, { value: url });
}
