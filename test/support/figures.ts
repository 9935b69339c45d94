import type { TestContext } from "vitest";

/** What one of the proofs has counted or measured; its row in docs/reliability.md. */
export interface Figures {
  readonly proof: string;
  /** In the order in which they are told. */
  readonly figures: Readonly<Record<string, number | string>>;
}

declare module "vitest" {
  interface TaskMeta {
    figures?: Figures;
  }
}

/** Prints figures, and puts them into the test report, from which the page in the docs is made. */
export function reportFigures({ task }: TestContext, figures: Figures): void {
  task.meta.figures = figures;
  const told = Object.entries(figures.figures).map(([name, value]) => `${name} ${value}`);
  console.log(`${figures.proof}: ${told.join(", ")}`);
}
