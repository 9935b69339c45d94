/**
 * The package's own folder, in which `migrations/` and package.json lie. From a file of a layer's folder, such as this
 * one: sources are in `src/`, and what is compiled of them is in `dist/src/`.
 */
export function packageRoot(ownUrl: string = import.meta.url): URL {
  return new URL(ownUrl.endsWith(".ts") ? "../../" : "../../../", ownUrl);
}
