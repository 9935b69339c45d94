import type { Broker } from "stage3queue";
import type tasks from "./tasks.ts";

/** The application under test: it takes the broker, and enqueues. */
export async function signUp(broker: Broker<typeof tasks>, address: string): Promise<void> {
  if (!address.includes("@")) throw new RangeError(`${address} is no address`);
  await broker.enqueue("emails", "send welcome", [address], { priority: 1 });
}
