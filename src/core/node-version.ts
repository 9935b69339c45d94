const NEEDED_MAJOR = 22;
const NEEDED_MINOR = 18;

/**
 * What is wrong with this version of Node and what to do about it, in one sentence; undefined: it will do.
 *
 * @param version such as "24.21.0".
 */
export function nodeVersionProblem(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > NEEDED_MAJOR || (major === NEEDED_MAJOR && minor >= NEEDED_MINOR)) return undefined;
  return `Stage3Queue needs Node ${NEEDED_MAJOR}.${NEEDED_MINOR} or newer and this is Node ${version}; install a newer one from https://nodejs.org.`;
}
