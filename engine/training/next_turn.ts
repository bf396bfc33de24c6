// Letting other messages in. A Worker that computes without end never hears that it should pause.

/** Resolves after the messages that have arrived so far were handled; quicker than a timer, which waits 4 ms. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
