import { once } from "node:events";
import type { Server } from "node:net";
import { Stage3Error } from "../core/errors.ts";
import { hostInUrl } from "./loopback.ts";

/**
 * Listens, and answers with the port.
 *
 * @throws Stage3Error `INVALID_OPTION`, saying what to do.
 */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  try {
    server.listen({ host, port });
    await once(server, "listening");
  } catch (error) {
    throw new Stage3Error("INVALID_OPTION", sentence(error, host, port), { cause: error });
  }
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

function sentence(error: unknown, host: string, port: number): string {
  const address = `${hostInUrl(host)}:${port}`;
  switch (error instanceof Error && "code" in error ? error.code : undefined) {
    case "EADDRINUSE":
      return `${address} is in use; stop the program that listens there, or choose another port.`;
    case "EACCES":
      return `This user may not listen on ${address}; choose a port from 1024 up.`;
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `${host} is not an address of this machine; choose another host.`;
    case "ERR_SOCKET_BAD_PORT":
      return `${port} is not a valid port; choose a whole number from 0 to 65535.`;
    default:
      return `Cannot listen on ${address}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
