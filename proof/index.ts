/** What the command `torture` loads, once it is called. */
export { describeTorture } from "./describe-torture.ts";
export { torture, type TortureReport } from "./torture.ts";
