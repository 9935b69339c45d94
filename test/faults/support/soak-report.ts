/** What a process holds at one moment. */
export interface SoakSample {
  /** Of the application's thread, after its garbage was collected, in bytes. */
  readonly heap: number;
  readonly resident: number;
  readonly threads: number;
  readonly files: number;
  /** The size of the database's log, in bytes. */
  readonly wal: number;
}

export interface SoakRun {
  readonly calls: number;
  /** After the warm-up. */
  readonly samples: readonly SoakSample[];
  /** The heaps of the other threads, after their garbage was collected: after the warm-up, and at the end. */
  readonly engineHeap: SoakMeasure;
}

/** One measure at the begin and at the end of the time after the warm-up. */
export interface SoakMeasure {
  readonly from: number;
  readonly to: number;
}

export type SoakMeasures = { readonly [Name in keyof SoakSample]: SoakMeasure };

/**
 * What each measure was in the first and in the last third: the least of the third, since what is collected or written
 * back only now and then swings in between.
 */
export function measureSoak({ samples }: SoakRun): SoakMeasures {
  const third = Math.max(Math.floor(samples.length / 3), 1);
  const measure = (name: keyof SoakSample): SoakMeasure => ({
    from: Math.min(...samples.slice(0, third).map((sample) => sample[name])),
    to: Math.min(...samples.slice(-third).map((sample) => sample[name])),
  });
  return {
    heap: measure("heap"),
    resident: measure("resident"),
    threads: measure("threads"),
    files: measure("files"),
    wal: measure("wal"),
  };
}
