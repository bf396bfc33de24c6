// The engine's Worker with an ordinary mistake in it, in what the request does that the Worker's name begins with. The
// rest of the name says which.
import "../../../engine/workers/worker.ts";

const MISTAKES: Record<string, () => unknown> = {
  offset: () => set.call(new Float32Array(2), [1, 2, 3], 1),
  stack: function deeper(): unknown {
    return [deeper()];
  },
  digits: () => (1).toFixed(101),
  length: () => "ab".repeat(-1),
};
const { set } = Float32Array.prototype;
const [where, what] = self.name.split(" ");

/** Whatever is copied into such an array from now on throws. */
function spoil(arrays: { prototype: object }): void {
  Object.defineProperty(arrays.prototype, "set", { value: MISTAKES[what] });
}

const { onmessage } = self;
self.onmessage = (event) => {
  // Engines copy weights as floats when they are made, and characters as bytes for each batch.
  if (event.data.type === where && what in MISTAKES) spoil(where === "create" ? Float32Array : Uint8Array);
  onmessage!.call(self, event);
};
if (what === "memory") {
  const refused = () => Promise.reject(new RangeError("WebAssembly.instantiate(): Out of memory"));
  Object.assign(WebAssembly, { instantiate: refused });
}
