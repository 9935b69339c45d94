// In the language of old versions of Node: they have to be able to run it.

const needed = [22, 18];

/**
 * What is wrong with this version of Node and what to do about it, in one sentence.
 *
 * @param {string} version Such as "24.21.0".
 * @returns {string | undefined} Undefined: it will do.
 */
export function nodeVersionProblem(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed;
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return undefined;
  return `Stage3Queue needs Node ${needed.join(".")} or newer and this is Node ${version}; install a newer one from https://nodejs.org.`;
}
