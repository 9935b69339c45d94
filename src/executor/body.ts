import type { FailureReason } from "../core/failure.ts";
import type { MessageFromMember, MessageToMember } from "./messages.ts";

/** What a member of a pool consists of: a process, or a thread. It knows how to talk and how to die, and no more. */
export interface Body {
  /** Tells it from the others: a pid, or a thread's id. */
  readonly id: number;
  /** Whether it has ended. What it said before may still come. */
  readonly exited: boolean;
  /** What is sent to a body that has ended is lost. */
  send(message: MessageToMember): void;
  /** Ends it, and all that it has started where that can be done, without asking. Not to be called once it is gone. */
  kill(): void;
}

/** What a body tells. Nothing is told before the call that made it has returned. */
export interface BodyHandlers {
  readonly onMessage: (message: MessageFromMember) => void;
  /** It has ended. */
  readonly onExit: () => void;
  /** Its last message has come. `failure`: what this end means for an attempt that it ended under. */
  readonly onGone: (failure: FailureReason) => void;
}

/** @throws Error when the system gives none. */
export type StartBody = (handlers: BodyHandlers) => Body;
