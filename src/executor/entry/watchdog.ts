// Runs in a thread of every child, so that nothing which keeps the child's main thread busy can stop it.
import { Socket } from "node:net";
import { workerData } from "node:worker_threads";
import { killGroup } from "../process-group.ts";

const { lifelineFd } = workerData as { lifelineFd: number };

/** Nobody writes to the lifeline: all that can ever come is its end, and then the parent is gone. */
const lifeline = new Socket({ fd: lifelineFd });
lifeline.on("error", () => {});
lifeline.on("close", () => killGroup(process.pid));
lifeline.resume();
