// The browser's database of kept runs: opens it, and says in one word what went wrong.
import { type KeepingFailure, keepingFailureText } from "../wording_of_keeping.ts";
import { rawWords } from "../wording_of_failures.ts";

/** On file:// Chromium shares databases among all files, so the name says whose it is. */
export const DATABASE = "press-start";
/** Increase it when the stores change; pages of an older version then leave them alone. */
export const VERSION = 1;
/** Facts by [path, session], and files by [path, session, slot]. */
export const RUNS = "runs", FILES = "files";

/** Some browsers never answer a request to their storage. */
const PATIENCE_MS = 15_000;

/** Why a run is not kept; the message is a sentence for the reader. */
export class KeepingError extends Error {
  constructor(readonly kind: KeepingFailure, words = "") {
    super(keepingFailureText(kind, words));
  }

  /** Whether another try would fail, too. */
  get final(): boolean {
    return this.kind === "refused" || this.kind === "newer";
  }
}

/** What a browser's error means. @param otherwise the kind of an error with no special name */
export function keepingError(error: unknown, otherwise: KeepingFailure = "failed"): KeepingError {
  if (error instanceof KeepingError) return error;
  const name = error instanceof Error ? error.name : "";
  if (name === "QuotaExceededError") return new KeepingError("full");
  if (name === "VersionError") return new KeepingError("newer");
  return new KeepingError(otherwise, rawWords(error ?? ""));
}

/** The result of a request. @throws DOMException */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves once a transaction's changes are stored. @throws DOMException; nothing has changed then */
export function stored(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

/** @throws KeepingError if `work` takes too long */
export function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout>;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new KeepingError("silent")), PATIENCE_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** @param lost called when the browser has closed it, for instance because its user deleted the site's data */
export async function openDatabase(lost: () => void): Promise<IDBDatabase> {
  try {
    const request = indexedDB.open(DATABASE, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(RUNS, { keyPath: ["path", "session"] });
      request.result.createObjectStore(FILES);
    };
    const database = await inTime(resultOf(request));
    database.onclose = lost;
    database.onversionchange = () => { // a newer page wants to change it, or someone deletes it
      database.close();
      lost();
    };
    return database;
  } catch (error) {
    throw keepingError(error, "refused");
  }
}
