import type { Row } from "./row.ts";
import type { Scale } from "./scale.ts";

/** What a family of measurements is given. */
export interface Setting {
  readonly scale: Scale;
  /** A folder for databases, on the file system that the report names. */
  readonly folder: string;
}

/** Measures, and yields each figure when it is there. */
export type Measurement = (setting: Setting) => AsyncGenerator<Row, void>;
