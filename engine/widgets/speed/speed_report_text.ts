// A speed report as a few lines of text, to paste into a message.
import type { SpeedReport } from "../../session/speed_run.ts";

/** @returns a line with the adapter, browser and date, then a line per row */
export function speedText({ adapter, browser, date, rows }: SpeedReport): string {
  const machine = [adapter, browser, date].filter(Boolean).join(", ");
  const lines = rows.map(
    ({ B, plan, iterations_per_second, ms_per_iteration, gflops, mb_per_iteration, dispatches }) => {
      const work = `${mb_per_iteration} MB and ${dispatches} dispatches per iteration`;
      const engine = dispatches === null ? plan : `WebGPU engine, ${plan} plan, ${work}`;
      return `B=${B}: ${iterations_per_second} iterations/s, ${ms_per_iteration} ms each, ${gflops} GFLOP/s (${engine})`;
    },
  );
  return [`Press Start, training speed: ${machine}`, ...lines].join("\n");
}
