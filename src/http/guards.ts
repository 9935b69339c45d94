import { createHash, timingSafeEqual } from "node:crypto";
import { refusal } from "./answers.ts";
import { hostInUrl, isLoopback } from "./loopback.ts";

/** Checks a request before anything is done; a response is the refusal. */
export type Guard = (request: Request) => Response | undefined;

/**
 * Refuses a `Host` that no client of this machine would send: a page that has its own name resolve to 127.0.0.1 could
 * otherwise speak to a server that only listens on the loopback interface. Elsewhere the token protects.
 */
export function boundHostGuard(boundHost: string): Guard {
  if (!isLoopback(boundHost)) return () => undefined;
  const known = new Set(["localhost", "127.0.0.1", "[::1]", hostInUrl(boundHost.toLowerCase())]);
  return (request) => {
    const name = hostName(request.headers.get("host"));
    const isKnown = name !== undefined && known.has(name) && known.has(new URL(request.url).hostname);
    return isKnown ? undefined : refusal(421, "The Host header names another server; call this one as localhost");
  };
}

/** Refuses a `Host` that is not among these names, which are in lower case and without a port. */
export function namedHostGuard(hosts: readonly string[]): Guard {
  const known = new Set(hosts);
  return (request) => {
    const name = hostName(ownHost(request.headers, request.url));
    return name !== undefined && known.has(name) ? undefined : refusal(421, "The Host header names another server");
  };
}

/** Refuses a write that a browser sends for a page of another origin, unless it is one of `origins`. */
export function originGuard(origins: readonly string[]): Guard {
  const known = new Set(origins);
  return ({ method, headers, url }) => {
    if (READS.has(method)) return undefined;
    const origin = headers.get("origin");
    if (origin !== null && known.has(origin)) return undefined;
    const isForeign = headers.get("sec-fetch-site") === "cross-site" || isForeignOrigin(origin, ownHost(headers, url));
    return isForeign ? refusal(403, "Calls from pages of another origin are refused") : undefined;
  };
}

/** Refuses a request without the token, where there is one. */
export function tokenGuard(token: string | undefined): Guard {
  if (token === undefined) return () => undefined;
  const expected = digest(token);
  return (request) => {
    const given = /^Bearer +(\S+) *$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (given === undefined) {
      return refusal(401, "A token is required: Authorization: Bearer <token>", { "www-authenticate": "Bearer" });
    }
    if (timingSafeEqual(digest(given), expected)) return undefined;
    return refusal(401, "The token is not valid", { "www-authenticate": 'Bearer error="invalid_token"' });
  };
}

const READS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** The name of a Host header without its port, in lower case. */
function hostName(header: string | null): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/i.exec(header ?? "")?.[1]?.toLowerCase();
}

/** A request that did not come over HTTP itself, as in a test of the application, has its host only in its URL. */
function ownHost(headers: Headers, url: string): string {
  return headers.get("host") ?? new URL(url).host;
}

function isForeignOrigin(origin: string | null, host: string): boolean {
  if (origin === null) return false;
  if (!URL.canParse(origin)) return true; // "null" among them
  const given = new URL(origin);
  const own = `${given.protocol}//${host}`;
  return !URL.canParse(own) || new URL(own).host !== given.host;
}

/** Of one length for every token, as a comparison in constant time requires. */
function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
