// Running out of memory. Browsers then throw a RangeError, but they throw RangeErrors for many other reasons too. Only
// around an allocation does one mean that memory has run out.

export class OutOfMemoryError extends Error {
  override readonly name = "OutOfMemoryError";
}

/** Runs `work`, which should do little besides allocate. @throws OutOfMemoryError if the browser refuses the memory */
export function allocating<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw refusal(error);
  }
}

/** The same for asynchronous work. */
export async function allocatingLater<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw refusal(error);
  }
}

function refusal(error: unknown): unknown {
  return error instanceof RangeError ? new OutOfMemoryError(error.message) : error;
}
