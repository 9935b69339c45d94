import { build, type BuildOptions, type BuildResult, stop } from "esbuild";

/** Bundles for Node. Nothing of esbuild stays behind; its synchronous form would wait for ever in a test's process. */
export async function bundle(options: BuildOptions): Promise<BuildResult<{ metafile: true }>> {
  try {
    const settings = { bundle: true, platform: "node", format: "esm", logLevel: "error", ...options } as const;
    return await build<BuildOptions & { metafile: true }>({ ...settings, metafile: true });
  } finally {
    await stop();
  }
}
