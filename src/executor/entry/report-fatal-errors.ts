import { CRASH_REPORT_FD } from "../child-descriptors.ts";

/** Lets Node tell the parent, in the file that it gave, when V8 ends this process because it runs out of memory. */
export function reportFatalErrors(): void {
  const { report } = process;
  report.reportOnFatalError = true;
  report.compact = true;
  report.directory = "";
  report.filename = `/dev/fd/${CRASH_REPORT_FD}`;
  // Looking up names takes time, and the environment may hold secrets.
  Object.assign(report, { excludeNetwork: true, excludeEnv: true });
}
