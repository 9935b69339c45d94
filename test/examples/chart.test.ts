import { expect, test } from "vitest";
import { drawLineChart } from "../../examples/app/report/chart.ts";
import { markup } from "../../examples/app/report/markup.ts";
import { axisTicks } from "../../examples/app/report/scale.ts";

test.each([
  [0, [0, 1]],
  [7, [0, 1, 2, 3, 4, 5, 6, 7]],
  [9, [0, 2, 4, 6, 8, 10]],
  [116_754, [0, 20_000, 40_000, 60_000, 80_000, 100_000, 120_000]],
])("the axis up to %d has round ticks", (max, ticks) => {
  expect(axisTicks(max)).toEqual(ticks);
});

test("there are never too few ticks nor too many, and the last reaches the maximum", () => {
  for (let max = 0.013; max < 1e9; max *= 1.07) {
    const ticks = axisTicks(max);
    expect(ticks.length, `for ${max}`).toBeGreaterThanOrEqual(4);
    expect(ticks.length, `for ${max}`).toBeLessThanOrEqual(10);
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(max);
  }
});

test("a line goes through its values, from the left edge to the right one", () => {
  const points = pointsOf(draw([{ name: "North", values: [0, 5, 10] }]));
  expect(points).toHaveLength(3);
  const [first, middle, last] = points;
  expect(first?.x).toBeLessThan(middle?.x ?? 0);
  expect((middle?.x ?? 0) * 2).toBeCloseTo((first?.x ?? 0) + (last?.x ?? 0));
  expect((middle?.y ?? 0) * 2).toBeCloseTo((first?.y ?? 0) + (last?.y ?? 0)); // a greater value lies higher
  expect(last?.y).toBeLessThan(first?.y ?? 0);
});

test("axes, labels and legend are there, and every text is escaped", () => {
  const svg = draw([{ name: `<b>"A" & 'B'</b>`, values: [1, 2, 3] }]);
  expect(svg).toContain(">EUR &#60;k&#62;</text>");
  expect(svg).toContain(">2024-01</text>");
  expect(svg).toContain(">&#60;b&#62;&#34;A&#34; &#38; &#39;B&#39;&#60;/b&#62;</text>");
  expect(svg).not.toContain("<b>");
});

test("one value makes no division by zero", () => {
  const svg = drawLineChart({ title: "t", unit: "u", labels: ["2024-01"], series: [{ name: "s", values: [3] }] });
  expect(svg.text).not.toContain("NaN");
});

test("markup keeps its own kind and escapes all else", () => {
  const items = ["<", "&"].map((text) => markup`<li>${text}</li>`);
  expect(markup`<ul>${items}</ul>${0}`.text).toBe("<ul><li>&#60;</li>\n<li>&#38;</li></ul>0");
});

function draw(series: { name: string; values: number[] }[]): string {
  return drawLineChart({ title: "Sales", unit: "EUR <k>", labels: ["2024-01", "2024-02", "2024-03"], series }).text;
}

function pointsOf(svg: string): { x: number; y: number }[] {
  const points = /<polyline points="([^"]*)"/u.exec(svg)?.[1] ?? "";
  return points.split(" ").map((point) => {
    const [x = NaN, y = NaN] = point.split(",").map(Number);
    return { x, y };
  });
}
