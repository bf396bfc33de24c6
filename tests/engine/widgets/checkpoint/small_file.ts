// A checkpoint of a small model for tests of the blocks that show one.
import { Kept } from "../../checkpoint/files.ts";
import { smallRun } from "../../small_runs.ts";

/** Before its first iteration. */
export async function savedFile(seed: string): Promise<Uint8Array<ArrayBuffer>> {
  return await (await Kept.of({ ...smallRun(), seed })).save();
}
