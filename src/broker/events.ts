import { EventEmitter } from "node:events";
import { Stage3Error } from "../core/errors.ts";
import { EVENT_NAMES, type Stage3Event, type Stage3EventName, type Stage3Events } from "../core/events.ts";
import { nearest } from "../core/names.ts";
import { showValue } from "../core/show-value.ts";

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

  /**
   * Calls `listener` with each such event from now on; each time that it is added, once more.
   *
   * @throws Stage3Error `INVALID_OPTION` where there is no event of that name.
   */
  on<Name extends Stage3EventName>(name: Name, listener: Stage3Listener<Name>): this {
    requireEvent(name);
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
   * Emits an event. A warning without a listener is emitted as a warning of the process. Never throws: what a listener
   * throws becomes an uncaught exception of its own, so that an answer that came with the event is not lost.
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

/** A listener for an event that does not exist would wait for ever. */
function requireEvent(name: unknown): void {
  if (typeof name === "string" && EVENT_NAMES.includes(name)) return;
  const near = typeof name === "string" ? nearest(name, EVENT_NAMES) : undefined;
  const remedy = near === undefined ? `the events are ${EVENT_NAMES.join(", ")}.` : `did you mean ${near}?`;
  throw new Stage3Error("INVALID_OPTION", `Unknown event ${showValue(name)}; ${remedy}`);
}
