import { EventEmitter } from "node:events";
import type { Stage3Event, Stage3EventName, Stage3Events } from "../core/events.ts";

/** Gets one event each time it happens. */
export type Stage3Listener<Name extends Stage3EventName> = (event: Stage3Events[Name]) => void;

/**
 * The events of one instance.
 *
 * @example
 * stage3.events.on("failed", ({ taskId, code, message }) => console.error(taskId, code, message));
 */
export class EventHub {
  readonly #emitter = new EventEmitter();
  #wanted: (names: readonly Stage3EventName[]) => void = () => {};

  /** From now on `wanted` is told which events have listeners, whenever that changes. */
  onWanted(wanted: (names: readonly Stage3EventName[]) => void): void {
    this.#wanted = wanted;
  }

  /** Calls `listener` with each such event from now on; each time that it is added, once more. */
  on<Name extends Stage3EventName>(name: Name, listener: Stage3Listener<Name>): this {
    this.#emitter.on(name, listener);
    this.#tell();
    return this;
  }

  /** Undoes one {@link on}. */
  off<Name extends Stage3EventName>(name: Name, listener: Stage3Listener<Name>): this {
    this.#emitter.off(name, listener);
    this.#tell();
    return this;
  }

  /**
   * Hands an event on. A warning that nobody listens to becomes one of the process's own. Never throws: what a listener
   * throws becomes an uncaught exception of its own, so that it takes along no answer that came with the event.
   */
  emit(event: Stage3Event): void {
    let isHeard = true;
    try {
      isHeard = this.#emitter.emit(event.name, event);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
    if (!isHeard && event.name === "warning") {
      process.emitWarning(event.message, { type: "Stage3Warning", code: event.code });
    }
  }

  #tell(): void {
    this.#wanted([...new Set<Stage3EventName>([...(this.#emitter.eventNames() as Stage3EventName[]), "warning"])]);
  }
}
