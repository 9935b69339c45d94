import { markup, type Markup } from "./markup.ts";
import { axisTicks } from "./scale.ts";

export interface Series {
  readonly name: string;
  /** One value a label. */
  readonly values: readonly number[];
}

export interface LineChart {
  readonly title: string;
  /** What the vertical axis counts. */
  readonly unit: string;
  /** Under the horizontal axis, in order; every third is written. */
  readonly labels: readonly string[];
  readonly series: readonly Series[];
}

const width = 960;
const height = 420;
const plot = { left: 80, right: width - 20, top: 50, bottom: height - 60 };
// Distinct also for the colour-blind (Okabe and Ito).
const colors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
const colorOf = (index: number): string => colors[index % colors.length] ?? "#000000";

/** Draws lines over a common axis that starts at zero, as an SVG element that needs nothing else. */
export function drawLineChart({ title, unit, labels, series }: LineChart): Markup {
  const ticks = axisTicks(Math.max(0, ...series.flatMap(({ values }) => values)));
  const top = ticks.at(-1) ?? 1;
  const x = (index: number): number =>
    round(plot.left + (index * (plot.right - plot.left)) / Math.max(1, labels.length - 1));
  const y = (value: number): number => round(plot.bottom - (value * (plot.bottom - plot.top)) / top);
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" font-family="sans-serif" font-size="12">
<title>${title}</title>
<g class="axis-y">
${ticks.map((tick) => drawTick(tick, y(tick)))}
<text x="16" y="${(plot.top + plot.bottom) / 2}" transform="rotate(-90 16 ${(plot.top + plot.bottom) / 2})" text-anchor="middle">${unit}</text>
</g>
<g class="axis-x">
${labels.map((label, index) => (index % 3 === 0 ? drawLabel(label, x(index)) : markup``))}
</g>
<g class="lines" fill="none" stroke-width="2" stroke-linejoin="round">
${series.map(({ name, values }, index) => {
  const points = values.map((value, at) => `${x(at)},${y(value)}`).join(" ");
  return markup`<polyline points="${points}" stroke="${colorOf(index)}"><title>${name}</title></polyline>`;
})}
</g>
<g class="legend">
${series.map(({ name }, index) => drawLegend(name, index))}
</g>
</svg>`;
}

function drawTick(value: number, y: number): Markup {
  return markup`<line x1="${plot.left}" x2="${plot.right}" y1="${y}" y2="${y}" stroke="${value === 0 ? "#333" : "#ddd"}"/><text x="${plot.left - 8}" y="${y + 4}" text-anchor="end">${value.toLocaleString("en")}</text>`;
}

function drawLabel(label: string, x: number): Markup {
  const y = plot.bottom + 18;
  return markup`<line x1="${x}" x2="${x}" y1="${plot.bottom}" y2="${plot.bottom + 5}" stroke="#333"/><text x="${x}" y="${y}" text-anchor="end" transform="rotate(-35 ${x} ${y})">${label}</text>`;
}

function drawLegend(name: string, index: number): Markup {
  const x = plot.left + index * 140;
  return markup`<rect x="${x}" y="18" width="14" height="14" fill="${colorOf(index)}"/><text x="${x + 20}" y="30">${name}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
