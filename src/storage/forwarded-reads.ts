import type { Storage } from "./port.ts";

/** The reads of a storage. */
type Reads = Omit<Storage, "isShared" | "turn" | "watch" | typeof Symbol.asyncDispose>;

/** The reads of whatever stands before a storage: each is handed to the storage that `target` answers. */
export abstract class ForwardedReads implements Reads {
  readonly get: Storage["get"] = async (id) => (await this.target()).get(id);
  readonly state: Storage["state"] = async (id) => (await this.target()).state(id);
  readonly states: Storage["states"] = async (ids) => (await this.target()).states(ids);
  readonly deadLetters: Storage["deadLetters"] = async (query) => (await this.target()).deadLetters(query);
  readonly abortRequests: Storage["abortRequests"] = async (worker) => (await this.target()).abortRequests(worker);
  readonly nextDueAt: Storage["nextDueAt"] = async () => (await this.target()).nextDueAt();
  readonly workers: Storage["workers"] = async () => (await this.target()).workers();
  readonly registry: Storage["registry"] = async (version) => (await this.target()).registry(version);
  readonly topicCounts: Storage["topicCounts"] = async () => (await this.target()).topicCounts();

  /** Asked for each read. What it throws, the read rejects with. */
  protected abstract target(): Storage | Promise<Storage>;
}
