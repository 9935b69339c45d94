import { assertNever } from "../../src/core/errors.ts";
import { statusOf } from "../../src/core/transitions.ts";
import { Answers, type Told } from "./answers.ts";
import { Ends, type Summary } from "./ends.ts";
import { AttemptNumbers } from "./attempt-numbers.ts";
import type { HistoryEvent } from "./events.ts";
import { KeyAnswers } from "./key-answers.ts";
import { KeyCommits } from "./key-commits.ts";
import { Leases } from "./leases.ts";
import { Ledger } from "./ledger.ts";
import type { LedgerTask } from "./ledger-task.ts";
import { Liveness } from "./liveness.ts";
import { Outcomes } from "./outcomes.ts";
import { Retention } from "./retention.ts";
import type { Accuse, Rules } from "./rules.ts";
import { Runs } from "./runs.ts";

/** What must not be: the rule that was broken, and where. */
export interface Violation {
  readonly rule: string;
  readonly sentence: string;
  /** The index of the event in the history; its length for what is wrong at the end. */
  readonly index: number;
}

/**
 * The tasks of a history in the words of Jepsen's checkers: acknowledged ones that are gone (`lost`), ones that nobody
 * asked for (`unexpected`), ones whose handler came to its end more than once, which "at least once" allows
 * (`duplicated`), and ones that were stored although their enqueue was not answered (`recovered`).
 */
export interface Verdict extends Summary {
  readonly violations: readonly Violation[];
  readonly acknowledged: number;
  readonly attempts: number;
}

/**
 * Judges a history in one pass, in a time that grows with its length alone. Where it holds the commits of the storage,
 * every answer of the storage is judged as well; else what its clients and handlers have seen.
 */
export function check(history: readonly HistoryEvent[], rules: Rules): Verdict {
  const violations: Violation[] = [];
  let index = 0;
  const accuse: Accuse = (rule, sentence) => void violations.push({ rule, sentence, index });
  const judge = new Judge(rules, accuse);
  for (const event of history) {
    judge.take(event);
    index += 1;
  }
  return { violations, ...judge.verdict() };
}

class Judge {
  readonly #answers: Answers;
  readonly #keyAnswers: KeyAnswers;
  readonly #keyCommits: KeyCommits;
  readonly #runs: Runs;
  readonly #ends: Ends;
  readonly #outcomes: Outcomes;
  readonly #numbers: AttemptNumbers;
  readonly #ledger: Ledger;
  readonly #leases: Leases;
  readonly #retention: Retention;
  readonly #liveness: Liveness;

  constructor(rules: Rules, accuse: Accuse) {
    this.#answers = new Answers(accuse);
    this.#keyAnswers = new KeyAnswers(accuse);
    this.#keyCommits = new KeyCommits(accuse);
    this.#runs = new Runs(rules.maxConcurrency, accuse);
    this.#ends = new Ends(accuse, rules.prunes ?? false);
    this.#outcomes = new Outcomes(accuse);
    this.#numbers = new AttemptNumbers(rules.maxRestarts ?? {}, accuse);
    this.#retention = new Retention(rules.retentionMs, accuse);
    this.#leases = new Leases(rules.leaseMs ?? 0, accuse);
    this.#liveness = new Liveness(accuse);
    const changed = (task: LedgerTask, isRemoved: boolean): void => {
      this.#answers.changed(task.id, isRemoved ? undefined : statusOf(task.state));
      if (task.state === "finished") this.#answers.finished(task.id, task.result);
      if (isRemoved) this.#ends.removed(task.id);
    };
    this.#ledger = new Ledger({ accuse, restarts: rules.restarts, changed });
  }

  take(event: HistoryEvent): void {
    switch (event.kind) {
      case "invoked":
        if (event.request.method === "abort") {
          this.#ends.abortAsked(event.request.id);
          this.#runs.abortAsked(event.request.id);
        }
        if (event.request.method === "requeue") this.#numbers.requeued(event.request.id);
        this.#keyAnswers.invoked(event);
        this.#liveness.invoked(event);
        return this.#answers.invoked(event);
      case "answered":
        this.#keyAnswers.answered(event);
        this.#liveness.answered(event);
        for (const told of this.#answers.answered(event)) this.#told(told);
        return;
      case "committed":
        this.#answers.witnessed();
        this.#liveness.witnessed();
        this.#runs.committed(event);
        this.#outcomes.committed(event);
        this.#leases.committed(event);
        this.#retention.committed(event);
        this.#keyCommits.committed(event);
        return this.#ledger.apply(event);
      case "began":
        this.#runs.began(event);
        this.#outcomes.began(event);
        this.#ends.began(event.id);
        if (this.#runs.isFenced(event.worker)) this.#numbers.beganFenced(event.id);
        else this.#numbers.began(event);
        return;
      case "effect":
        return this.#runs.effect(event);
      case "over":
        this.#runs.over(event);
        this.#outcomes.over(event);
        this.#numbers.over(event, this.#runs.of(event.run)?.id);
        return this.#ends.over(event, this.#runs.of(event.run));
      case "released":
        return this.#runs.released(event);
      case "worker":
        this.#leases.worker(event);
        this.#liveness.worker(event);
        this.#numbers.worker(event);
        return this.#runs.worker(event);
      case "lock":
        return this.#leases.locked(event);
      case "faultsOver":
        return;
      case "final":
        this.#liveness.final();
        this.#ledger.final(event);
        this.#numbers.final(event);
        return this.#ends.final(event);
      default:
        return assertNever(event);
    }
  }

  verdict(): Omit<Verdict, "violations"> {
    this.#liveness.end();
    const { acknowledged, unknownEnqueues, unansweredDiscards } = this.#answers;
    for (const id of unansweredDiscards) this.#ends.removed(id);
    const summary = this.#ends.summary(acknowledged, unknownEnqueues + this.#keyAnswers.unknownEnqueues);
    return { ...summary, acknowledged: acknowledged.size, attempts: this.#runs.count };
  }

  #told({ id, what }: Told): void {
    switch (what) {
      case "aborted":
        return this.#runs.aborted(id);
      case "ended":
        return this.#runs.knownEnd(id);
      case "discarded":
        return this.#ends.removed(id);
      default:
        return assertNever(what);
    }
  }
}
