/**
 * Without what npm tells the scripts it runs, so that a nested npm works as if called by hand; and without the cache of
 * compiled code that npm leaves among the temporary files.
 */
export function npmEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"));
  return { ...Object.fromEntries(kept), NODE_DISABLE_COMPILE_CACHE: "1" };
}
