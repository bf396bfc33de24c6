// What the block about going on without parts of a checkpoint says of the reader's run. No DOM.
import { count, decimals } from "../../wording.ts";
import type { TwoWays, Way } from "../../session/two_ways.ts";

export const WAITS_FOR = "a run that goes on from a checkpoint";
const START = "Your run waits meanwhile, and then goes on from where it was.";
export const GO_ON = "Let my run go on both ways", STOP = "Stop";

/** For each way, what the reader sees it do. */
export const DOING: Record<Way, string> = {
  state: "from the whole file",
  weights: "from the weights alone",
};

const DECIMALS = 3;
const signed = (nats: number) => `${nats < 0 ? "−" : "+"}${decimals(Math.abs(nats), DECIMALS)}`;

/** Below the drawing: nothing, how far it is, or what it shows. */
export function ofTwoWays({ running, at, further, losses, failure, session }: TwoWays, possible: boolean): string {
  if (failure) return failure;
  if (running) {
    const way = losses.weights ? "weights" : "state";
    return at === null ? "Saving your run." : `Going on ${DOING[way]}: ${session?.detail ?? ""}`;
  }
  const { state, weights } = losses;
  if (!state || !weights || at === null) {
    return possible ? START : `Your run is too near its end: going on takes ${count(further)} iterations.`;
  }
  const above = weights.val.flatMap((loss, i) => {
    const whole = state.val[i];
    return loss === null || whole === null ? [] : [{ after: i, nats: loss - whole }];
  });
  const most = above.reduce((a, b) => b.nats > a.nats ? b : a, above[0]), last = above.at(-1);
  if (!most || !last) return "It was stopped before there was anything to compare.";
  return `From iteration ${count(at)}. Without the moments the val NLL is furthest from that of the whole file after ${
    count(most.after)
  } iterations: ${signed(most.nats)} nats. After ${count(last.after)} it is ${signed(last.nats)}.`;
}

/** The reader's choice of parts against what is needed. */
export function ofChoice(chosen: readonly boolean[], needed: readonly boolean[]): { right: boolean; words: string } {
  const missed = needed.filter((part, i) => part && !chosen[i]).length;
  const extra = needed.filter((part, i) => !part && chosen[i]).length;
  if (missed === 0 && extra === 0) return { right: true, words: "That is right, all of it." };
  const said = [
    missed === 0 ? "" : `${missed} more must be there`,
    extra === 0 ? "" : `${extra} that you chose need not be there`,
  ].filter(Boolean);
  return { right: false, words: `Not quite: ${said.join(", and ")}. Each part says why.` };
}
