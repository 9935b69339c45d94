/** Something to wait for that a test decides about. */
export function gate(): { readonly passed: Promise<void>; pass(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, pass: resolve };
}
