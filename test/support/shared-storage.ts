import type { Storage } from "../../src/storage/port.ts";

/** A storage that several Engines of one test use: closing it is left to the test's end. */
export function shared(storage: Storage): Storage {
  return new Proxy(storage, {
    get(target, property) {
      if (property === "isShared") return true;
      if (property === Symbol.asyncDispose) return async () => {};
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** As {@link shared}, but none of the Engines looks for changes by others many times a second, for days. */
export function unwatched(storage: Storage): Storage {
  return new Proxy(shared(storage), {
    get: (target, property) => (property === "isShared" ? false : (Reflect.get(target, property, target) as unknown)),
  });
}
