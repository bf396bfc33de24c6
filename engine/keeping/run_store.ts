// Keeps runs in the browser's database: for each page and session the newest two saves of a run, and the run before it.
import { FILES, inTime, keepingError, openDatabase, resultOf, RUNS, stored } from "./database.ts";
import { type Kept, type KeptRuns, type Place, type Save, savesOf, withSave } from "./kept_run.ts";

const keyOf = ({ path, session }: Place) => [path, session];
const fileKey = (place: Place, slot: number) => [...keyOf(place), slot];

/** All methods throw a KeepingError, whose message is a sentence for the reader. */
export class RunStore {
  #database: Promise<IDBDatabase> | null = null;

  /** What is kept for a place; null if nothing. */
  find(place: Place): Promise<KeptRuns | null> {
    return this.#do("readonly", async ({ runs }) => await resultOf(runs.get(keyOf(place))) ?? null);
  }

  /** What is kept for all places, the newest first. */
  async list(): Promise<KeptRuns[]> {
    const all: KeptRuns[] = await this.#do("readonly", ({ runs }) => resultOf(runs.getAll()));
    return all.sort((a, b) => b.newest.when - a.newest.when);
  }

  /** A save's file; null if the browser no longer has it. */
  file(place: Place, { slot, bytes }: Kept): Promise<ArrayBuffer | null> {
    return this.#do("readonly", async ({ files }) => {
      const file: unknown = await resultOf(files.get(fileKey(place, slot)));
      return file instanceof ArrayBuffer && file.byteLength === bytes ? file : null;
    });
  }

  /**
   * Keeps a save. File and facts change in one transaction, so a crash at any moment leaves either the old ones or the
   * new ones.
   */
  keep(at: Place & { title: string }, save: Save, file: ArrayBuffer): Promise<KeptRuns> {
    return this.#do("readwrite", async ({ runs, files }) => {
      const had: KeptRuns | undefined = await resultOf(runs.get(keyOf(at)));
      const now = withSave(had ?? null, at, save);
      files.put(file, fileKey(at, now.newest.slot));
      this.#put(runs, files, had ?? null, now);
      return now;
    });
  }

  /** Deletes a save, and with the newest one its fallback. The run before then takes its place. */
  remove(place: Place, { run, slot }: Kept): Promise<void> {
    return this.#do("readwrite", async ({ runs, files }) => {
      const had: KeptRuns | undefined = await resultOf(runs.get(keyOf(place)));
      if (!had) return;
      const { newest, before } = had;
      if (before?.slot === slot && before.run === run) this.#put(runs, files, had, { ...had, before: null });
      else if (newest.run !== run) return; // it has been replaced
      else if (before) this.#put(runs, files, had, { ...had, newest: before, fallback: null, before: null });
      else {
        runs.delete(keyOf(place));
        for (const { slot } of savesOf(had)) files.delete(fileKey(place, slot));
      }
    });
  }

  /** Changes the facts, and deletes the files that no fact mentions any more. */
  #put(runs: IDBObjectStore, files: IDBObjectStore, had: KeptRuns | null, now: KeptRuns): void {
    runs.put(now);
    const needed = new Set(savesOf(now).map(({ slot }) => slot));
    for (const { slot } of had ? savesOf(had) : []) if (!needed.has(slot)) files.delete(fileKey(now, slot));
  }

  async #do<T>(
    mode: IDBTransactionMode,
    work: (stores: { runs: IDBObjectStore; files: IDBObjectStore }) => Promise<T>,
  ): Promise<T> {
    const forget = () => this.#database = null; // the next request opens it again
    this.#database ??= openDatabase(forget);
    this.#database.catch(forget);
    const database = await this.#database;
    try {
      return await inTime(this.#transact(database, mode, work));
    } catch (error) {
      throw keepingError(error);
    }
  }

  async #transact<T>(
    database: IDBDatabase,
    mode: IDBTransactionMode,
    work: (stores: { runs: IDBObjectStore; files: IDBObjectStore }) => Promise<T>,
  ): Promise<T> {
    const transaction = database.transaction([RUNS, FILES], mode, { durability: "strict" });
    const end = stored(transaction);
    end.catch(() => {}); // it is awaited below
    try {
      const result = await work({ runs: transaction.objectStore(RUNS), files: transaction.objectStore(FILES) });
      if (mode === "readonly") return result;
      transaction.commit?.(); // at once, because the page may be about to go
      await end;
      return result;
    } catch (error) {
      if (transaction.error === null) abort(transaction);
      throw error;
    }
  }
}

/** Undoes what a transaction has changed, unless it has ended already. */
function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch { // it has ended
  }
}
