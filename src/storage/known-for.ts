/** A function is known for as long as workers of its topic have not run for this time without one of them offering it. */
export const KNOWN_FOR_MS: number = 7 * 86_400_000;

/** How often a worker that runs tells that it still offers what it offers. */
export const OFFERS_RENEWED_MS = 3_600_000;

/**
 * The longest time between two tellings that counts as time in which workers ran; two, so that one may be late. A longer
 * one is time in which none ran, or a clock that was set: it counts as nothing.
 */
export const LONGEST_SERVED_MS: number = 2 * OFFERS_RENEWED_MS;
