import type { Clock } from "../core/clock.ts";
import { LOG_RATE, LogBudget } from "./log-budget.ts";
import { PacedWarnings } from "./paced-warnings.ts";
import type { RunHooks } from "./port.ts";
import { ProgressPacer } from "./progress-pacer.ts";

/** What passes on what an attempt reports, and whether that has piled up on its way. */
export interface PacedReportsParts {
  readonly clock: Clock;
  readonly function: string;
  readonly to: RunHooks;
  readonly isCongested: () => boolean;
}

/** Passes on what one attempt reports at a pace that everybody on the way can bear, whatever its handler does. */
export class PacedReports {
  /** What the handler's call is given. */
  readonly reports: RunHooks;
  readonly #progress: ProgressPacer;
  readonly #warnings: PacedWarnings;

  constructor({ clock, function: name, to, isCongested }: PacedReportsParts) {
    this.#progress = new ProgressPacer(clock, to.onProgress);
    this.#warnings = new PacedWarnings(clock, to.onWarning);
    const dropped = `A log line of ${JSON.stringify(name)} was dropped: an attempt may log ${LOG_RATE}.`;
    this.reports = {
      onProgress: (progress) => this.#progress.push(progress),
      onLog: to.onLog,
      onWarning: (code, message) => this.#warnings.push(code, message),
      logBudget: new LogBudget({ clock, isCongested, dropped: () => this.#warnings.push("LOG_DROPPED", dropped) }),
    };
  }

  /** Passes on what was held back. */
  flush(): void {
    this.#progress.flush();
    this.#warnings.flush();
  }
}
