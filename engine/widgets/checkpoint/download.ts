// A Blob as a download: the browser saves it under a name that says what it holds.
import type { FilePart } from "../../session/run_file.ts";
import { make } from "../shared/dom.ts";

/** A seed may be of any length and hold anything; this much of it is in a file's name. */
const MOST_OF_SEED = 40;

/** The address of a download must stay valid until the browser has read it, which no event reports. */
const REVOKE_AFTER_MS = 60_000;

/** For example `press-start-hamlet-800.safetensors`. Other characters than letters and digits become hyphens. */
export function fileName(seed: string, iteration: number, part: FilePart): string {
  const plain = seed.replaceAll(/[^\p{L}\p{N}\p{M}]+/gu, "-").replaceAll(/^-|-$/g, "");
  const short = Array.from(plain).slice(0, MOST_OF_SEED).join("");
  return ["press-start", short, iteration, part === "weights" ? "weights" : ""].filter((one) => one !== "").join("-") +
    ".safetensors";
}

export function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = make("a", { href: url, download: name, hidden: "" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), REVOKE_AFTER_MS);
}
