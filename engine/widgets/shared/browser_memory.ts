// What this browser remembers of a page. On file:// Chromium keeps one store for every file there is, so each key
// names this program and the page's path.

/** Under which name the page's own `what` is kept. */
export function memoryKey(path: string, what: string): string {
  return `press-start:${path}:${what}`;
}

/** @returns what was kept for this page, or null where nothing was, or where it cannot be read. */
export function recall(what: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(memoryKey(location.pathname, what)) ?? "null");
  } catch {
    return null; // the browser keeps nothing for this page, or what it kept is not ours
  }
}

/** Keeps a value, or with null forgets it. @returns whether the browser does: some keep nothing. */
export function remember(what: string, value: unknown): boolean {
  const key = memoryKey(location.pathname, what);
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}
