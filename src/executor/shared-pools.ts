import type { Pool } from "./pool.ts";
import type { ShareOptions } from "./pool-share.ts";
import type { Executor } from "./port.ts";

/** The pools of one thread, by what their members are alike in: the module, the isolation, and the limit of a heap. */
export class SharedPools {
  readonly #pools = new Map<string, Pool>();

  /** A topic's share in the pool of that key, which is opened for the first. A pool that has stopped gets a successor. */
  share(key: string, open: () => Pool, options: ShareOptions): Executor {
    const found = this.#pools.get(key);
    const pool = found === undefined || found.isStopping ? open() : found;
    this.#pools.set(key, pool);
    return pool.share(options);
  }
}
