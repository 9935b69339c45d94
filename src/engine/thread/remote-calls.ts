import type { EngineApi, EngineCalls } from "../api.ts";

/** Sends a call to the Engine's thread, and resolves with what the method of that name resolves with there. */
export type SendCall = (call: Call, signal?: AbortSignal) => Promise<unknown>;

/** A call of one method of the Engine. What would abort a call is a message of its own. */
export type Call = {
  [Method in keyof EngineApi]: { readonly method: Method; readonly args: WithoutSignal<Parameters<EngineApi[Method]>> };
}[keyof EngineApi];

type WithoutSignal<Args extends readonly unknown[]> = Args extends [...infer Rest, AbortSignal] ? Rest : Args;

type TakesSignal<Method extends keyof EngineApi> =
  Parameters<EngineApi[Method]> extends [...unknown[], AbortSignal] ? true : false;

/** Every call that an application makes of the Engine, and whether its last argument is a signal. */
const CALLS: { readonly [Method in keyof EngineCalls]: TakesSignal<Method> } = {
  enqueue: false,
  enqueueMany: false,
  abort: false,
  get: false,
  status: false,
  waitForEnd: true,
  deadLetters: false,
  getFirst: false,
  requeue: false,
  discard: false,
  topics: false,
};

/** The Engine's calls as messages. */
export function remoteCalls(send: SendCall): EngineCalls {
  const forward =
    (method: string, takesSignal: boolean) =>
    (...args: unknown[]) => {
      const signal = takesSignal ? args.pop() : undefined;
      return send({ method, args } as Call, signal as AbortSignal | undefined);
    };
  const calls = Object.entries(CALLS).map(([method, takesSignal]) => [method, forward(method, takesSignal)]);
  return Object.fromEntries(calls) as EngineCalls;
}

/** Makes a call that has arrived. `openSignal` is asked for what aborts it, where it can be aborted. */
export function invoke(engine: EngineApi, { method, args }: Call, openSignal: () => AbortSignal): Promise<unknown> {
  const takesSignal = Object.hasOwn(CALLS, method) && CALLS[method as keyof EngineCalls];
  // The compiler has held the arguments against the method where the call was made.
  const call = engine[method].bind(engine) as (...given: readonly unknown[]) => Promise<unknown>;
  return call(...args, ...(takesSignal ? [openSignal()] : []));
}
