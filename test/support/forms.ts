import budgets from "../../scripts/budgets.json" with { type: "json" };

/** Tests that can be given more time than `npm test` has run in their long form where this says so. */
export const IS_LONG: boolean = process.env["STAGE3_LONG"] === "1";

/** How much of it is done in this form; both are in `scripts/budgets.json`. */
export function sizeOf(what: keyof typeof budgets.sizes): number {
  const { short, long } = budgets.sizes[what];
  return IS_LONG ? long : short;
}
