// How firmly the browser keeps what a page stores.

/** Whether the browser has promised to keep stored runs until its user deletes them; null if it does not say. */
export async function isPersisted(): Promise<boolean | null> {
  return await navigator.storage?.persisted?.().catch(() => null) ?? null;
}

/**
 * Asks for that promise. Some browsers ask their user then, so call it only when a reader has explicitly saved a run.
 * @returns the answer; null if the browser gives none
 */
export async function askToPersist(): Promise<boolean | null> {
  return await navigator.storage?.persist?.().catch(() => null) ?? null;
}

/** What the browser counts for this site and allows it, in bytes; null if it does not say. */
export async function spaceUsed(): Promise<{ used: number; most: number } | null> {
  const estimate = await navigator.storage?.estimate?.().catch(() => null);
  return estimate?.usage === undefined || !estimate.quota ? null : { used: estimate.usage, most: estimate.quota };
}
