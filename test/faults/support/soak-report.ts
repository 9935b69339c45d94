/** What a process holds at one moment. */
export interface SoakSample {
  /** Of the application's thread, after its garbage was collected, in bytes. */
  readonly heap: number;
  /** The same of the Engine's thread. */
  readonly engineHeap: number;
  readonly resident: number;
  readonly threads: number;
  readonly files: number;
  /** The size of the database's log, in bytes. */
  readonly wal: number;
}

export interface SoakRun {
  readonly calls: number;
  readonly samples: readonly SoakSample[];
}

/** One measure at the beginning and at the end of the time after the warm-up. */
export interface SoakMeasure {
  readonly from: number;
  readonly to: number;
}

export type SoakMeasures = { readonly [Name in keyof SoakSample]: SoakMeasure };

/** The part of the samples that is taken for the warm-up. */
const WARM_UP = 0.4;

/**
 * What each measure was in the first and in the last third after the warm-up: the least of the third, since what is
 * collected or written back only now and then swings in between.
 */
export function measureSoak({ samples }: SoakRun): SoakMeasures {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP));
  const third = Math.max(Math.floor(warm.length / 3), 1);
  const measure = (name: keyof SoakSample): SoakMeasure => ({
    from: Math.min(...warm.slice(0, third).map((sample) => sample[name])),
    to: Math.min(...warm.slice(-third).map((sample) => sample[name])),
  });
  return {
    heap: measure("heap"),
    engineHeap: measure("engineHeap"),
    resident: measure("resident"),
    threads: measure("threads"),
    files: measure("files"),
    wal: measure("wal"),
  };
}
