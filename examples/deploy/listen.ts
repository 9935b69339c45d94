import type { Server } from "node:http";

/** Listens on PORT of this machine, and says where that is. */
export function listen(server: Server): void {
  server.listen(Number(process.env["PORT"] ?? 3000), "127.0.0.1", () => {
    const address = server.address();
    if (typeof address === "object" && address !== null) console.log(`Listening on http://127.0.0.1:${address.port}`);
  });
}
