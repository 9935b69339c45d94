import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { toLine, withFigures } from "../../../bench/harness/report.ts";
import type { Row } from "../../../bench/harness/row.ts";

const drained: Row = {
  name: "drain",
  durability: "power-loss",
  unit: "tasks/s",
  value: 12_345.6,
  raw: 49_382.4,
  loop: { p50: 1.074, p99: 12.34, max: 1_234.5 },
};
const sized: Row = { name: "size", durability: "memory", unit: "MB", value: 0.0821 };

test("a run's figures take the place of an earlier run's, and leave the rest of the page alone", () => {
  const page = "# Figures\n\n<!-- generated: figures -->\n\nold\n\n<!-- end: figures -->\n\nMore.\n";
  expect(withFigures(page, ["- Cores: 2"], [drained, sized])).toBe(`# Figures

<!-- generated: figures -->

- Cores: 2

| measurement | durability | result         | raw node:sqlite | ratio  | loop delay p50 / p99 / max (ms) |
| ----------- | ---------- | -------------- | --------------- | ------ | ------------------------------- |
| drain       | power-loss | 12,346 tasks/s | 49,382 tasks/s  | 0.25 × | 1.07 / 12.3 / 1,235             |
| size        | memory     | 0.082 MB       |                 |        |                                 |

<!-- end: figures -->

More.
`);
});

test("bench/README.md has the place for them", () => {
  const page = readFileSync(new URL("../../../bench/README.md", import.meta.url), "utf8");
  expect(withFigures(page, ["- Cores: 2"], [drained])).toContain("12,346 tasks/s");
});

test("a printed line has the comparison and the delay where there are any", () => {
  expect(toLine(drained)).toMatch(
    /^drain +power-loss +12,346 tasks\/s {2}raw 49,382 tasks\/s, ratio 0\.25 × +loop 1\.07 /u,
  );
  expect(toLine(sized)).toMatch(/^size +memory +0\.082 MB$/u);
});
