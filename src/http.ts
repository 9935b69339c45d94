/** The REST API to mount in an application's own server. */
import "./core/require-node.ts";
export { toFetchHandler, type FetchHandlerOptions } from "./http/fetch-handler.ts";
export type { HttpHandler } from "./http/handler.ts";
export { toNodeHandler, type NodeHandler } from "./http/node-handler.ts";
