/** The part of an address that comes after `basePath`; undefined: it is not under it. */
export function pathUnder(basePath: string, url: string): string | undefined {
  const { pathname } = new URL(url);
  if (!pathname.startsWith(basePath)) return undefined;
  const rest = pathname.slice(basePath.length);
  if (rest === "") return "/";
  return rest.startsWith("/") ? rest : undefined;
}
