/** Round numbers from 0 to at least `max`, four to eight steps apart by 1, 2 or 5 times a power of ten. */
export function axisTicks(max: number): number[] {
  if (max <= 0) return [0, 1];
  const magnitude = 10 ** Math.floor(Math.log10(max / 4));
  const step = [1, 2, 5, 10].map((factor) => factor * magnitude).find((size) => max / size <= 8) ?? 10 * magnitude;
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, index) => index * step);
}
