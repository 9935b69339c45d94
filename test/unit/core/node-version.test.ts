import { describe, expect, it } from "vitest";
import { nodeVersionProblem } from "../../../src/core/node-version.ts";

describe("nodeVersionProblem", () => {
  it.each(["22.18.0", "22.99.1", "23.0.0", "24.21.0", "100.0.0", "26.0.0-nightly20260101"])(
    "takes Node %s",
    (version) => {
      expect(nodeVersionProblem(version)).toBeUndefined();
    },
  );

  it.each(["22.17.1", "22.0.0", "20.19.5", "18.20.0", "8.0.0", "0.12.18"])(
    "refuses Node %s in one sentence",
    (version) => {
      expect(nodeVersionProblem(version)).toBe(
        `Stage3Queue needs Node 22.18 or newer and this is Node ${version}; install a newer one from https://nodejs.org.`,
      );
    },
  );
});
