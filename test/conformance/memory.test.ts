import { MemoryStorage } from "../../src/storage/memory/memory-storage.ts";
import { describeStorage } from "./describe-storage.ts";

describeStorage("MemoryStorage", { open: () => MemoryStorage.open(), randomRuns: 200 });
