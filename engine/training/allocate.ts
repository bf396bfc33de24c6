// Memory that a browser refuses. It says so by a RangeError, as it does of many other things: only where memory is asked
// for does that mean that there is none left.

export class OutOfMemoryError extends Error {
  override readonly name = "OutOfMemoryError";
}

/** Does `work`, which asks for memory and does little else. @throws OutOfMemoryError where the browser refuses it */
export function allocating<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw refusal(error);
  }
}

/** The same for work that takes its time. */
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
