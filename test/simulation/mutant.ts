/** One line of the sources, changed so that one promise no longer holds. */
export interface Mutant {
  /** What is wrong with it. */
  readonly name: string;
  /** The rule that it breaks, among others; none where no history can show it. */
  readonly breaks?: string;
  readonly file: string;
  readonly line: string;
  readonly instead: string;
}
