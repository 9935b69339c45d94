import { expect, test } from "vitest";
import { parseSize } from "../../../src/core/options/sizes.ts";
import { invalidOption } from "./invalid.ts";

test.each([
  [1, 1],
  [1_000_000, 1_000_000],
  ["10b", 10],
  ["64kb", 65_536],
  ["1mb", 1_048_576],
  ["1.5MB", 1_572_864],
  ["2Gb", 2_147_483_648],
])("%j is %d bytes", (value, bytes) => {
  expect(parseSize(value, "maxPayload")).toBe(bytes);
});

test.each([
  [0],
  [-1],
  [1.5],
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  ["0kb"],
  ["0.5b"],
  ["1 mb"],
  ["1m"],
  ["1tb"],
  ["1"],
  ["mb"],
  [""],
  [null],
  [undefined],
  [[1]],
])("%o is no size", (value) => {
  expect(() => parseSize(value, "maxPayload")).toThrow(invalidOption("maxPayload must be a size"));
});
