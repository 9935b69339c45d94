// Imported first by the package's entries: modules are evaluated in the order of their imports, so that an old Node
// gets this sentence rather than an error about the first feature that it lacks. All imports are still linked before, so
// none of them may import a built-in module by name that Node 20 does not have.
import { nodeVersionProblem } from "./node-version.ts";

const problem = nodeVersionProblem(process.versions.node);
if (problem !== undefined) throw new Error(problem);
