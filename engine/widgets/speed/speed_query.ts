// Reads from the speed page's address what to measure: `?bench&B=32,12&seconds=0.7&blocks=3&kernels&growth&losses`.
import type { BenchWishes } from "../../bench/bench_run.ts";
import { inAddress } from "../../wording_of_failures.ts";
import { LIMITS } from "../../training/config.ts";

export interface SpeedQuery {
  /** Starts by itself and posts the report to /result. */
  unattended: boolean;
  engines: ("webgpu" | "cpu")[];
  wishes: BenchWishes;
}

/**
 * - `bench`: measures at once and posts the results; only the GPU, unless `cpu` is given too
 * - `B=32,12`: batch sizes, one row each; `seconds`, `blocks`: length and number of the timed blocks of a row;
 *   `per_submit`: iterations per submit to the GPU
 * - `kernels`, `growth`, `losses`: more measurements of the GPU; `software-gpu`: accepts a software adapter
 * @param search a page's location.search
 * @throws RangeError naming the first invalid value
 */
export function readSpeedQuery(search: string, batch_size: number): SpeedQuery {
  const query = new URLSearchParams(search);
  const number = (name: string, usual: number, min: number, max: number, text = query.get(name)) => {
    if (text === null) return usual;
    const value = Number(text);
    if (text.trim() !== "" && value >= min && value <= max) return value;
    throw new RangeError(inAddress.beyond(name, text, min, max));
  };
  const whole = (name: string, usual: number, max: number, text?: string) => {
    const value = number(name, usual, 1, max, text);
    if (Number.isInteger(value)) return value;
    throw new RangeError(inAddress.not_whole(name, value));
  };
  const unattended = query.has("bench");
  return {
    unattended,
    engines: !unattended ? ["webgpu", "cpu"] : query.has("cpu") ? ["webgpu", "cpu"] : ["webgpu"],
    wishes: {
      batch_sizes: query.get("B")?.split(",").map((text) => whole("B", batch_size, LIMITS.batch_size.max, text)) ??
        [batch_size],
      seconds: number("seconds", 0.7, 0.01, 60),
      blocks: whole("blocks", 3, 100),
      per_submit: whole("per_submit", 10, 256),
      kernels: query.has("kernels"),
      growth: query.has("growth"),
      losses: query.has("losses"),
      fingerprint: !unattended,
      allow_software: query.has("software-gpu"),
    },
  };
}

/** The browser's name and version, and its system, as far as its user agent gives them: "Chrome 140, Linux". */
export function browserName(user_agent: string): string {
  const names = [["Edg", "Edge"], ["OPR", "Opera"], ["Firefox", "Firefox"], ["HeadlessChrome", "headless Chrome"]];
  const systems = ["Android", "iPhone", "iPad", "Windows", "Mac OS X", "CrOS", "Linux"];
  const system = systems.find((name) => user_agent.includes(name));
  const apple = ["iPhone", "iPad", "Mac OS X"].includes(system ?? "");
  for (const [word, name] of [...names, ["Chrome", "Chrome"], ["Version", apple ? "Safari" : "WebKit"]]) {
    const found = user_agent.match(new RegExp(`\\b${word}/(\\d+)`));
    if (found) return [`${name} ${found[1]}`, system].filter(Boolean).join(", ");
  }
  return ["unknown browser", system].filter(Boolean).join(", ");
}
