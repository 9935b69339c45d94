import { Stage3Error } from "../../src/core/errors.ts";
import { openInMemory } from "./in-memory-storage.ts";
import type { Storage } from "../../src/storage/port.ts";

/** A memory storage that applies its turns, but whose answers are lost while `lost` answers true. */
export async function withLostAnswers(lost: () => boolean): Promise<Storage> {
  const storage = await openInMemory();
  const turn = storage.turn.bind(storage);
  storage.turn = async (operations, time) => {
    const answer = await turn(operations, time);
    if (lost()) throw new Stage3Error("DATABASE_UNAVAILABLE", "The answer was lost.");
    return answer;
  };
  return storage;
}
