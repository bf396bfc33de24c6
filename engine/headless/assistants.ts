// Assistants for the CPU engine without a browser: Workers of this process.

/** @returns one port for each of `count` assistants, and a function that ends them */
export function makeAssistants(count: number): { ports: MessagePort[]; endAssistants: () => void } {
  const workers = Array.from(
    { length: count },
    () => new Worker(import.meta.resolve("../workers/worker.ts"), { type: "module" }),
  );
  const ports = workers.map((worker) => {
    const { port1, port2 } = new MessageChannel();
    worker.postMessage({ type: "assist", port: port2 }, [port2]);
    return port1;
  });
  return { ports, endAssistants: () => workers.forEach((worker) => worker.terminate()) };
}
