// app/queue/[[...path]]/route.ts of a Next application.
import { toFetchHandler } from "stage3queue/http";
import { stage3 } from "./stage3.ts";

export const runtime = "nodejs";
export const dynamic = "force-dynamic";

const queue = toFetchHandler(stage3, { token: process.env["STAGE3_TOKEN"] ?? "", basePath: "/queue" });
export const GET = queue;
export const POST = queue;
export const DELETE = queue;
