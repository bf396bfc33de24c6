// What a reader has answered so far; no DOM.

/** Indices of the options tried, in order; only the last can be the right one. */
export type Tried = readonly number[];

export interface QuizState {
  tried: Tried;
  solved: boolean;
}

/** @param correct for each option, whether it is the right one */
export function stateOf(tried: Tried, correct: boolean[]): QuizState {
  return { tried, solved: tried.some((index) => correct[index]) };
}

/** The state after one more answer. An answer after the question is solved, or a repeated one, changes nothing. */
export function answered(state: QuizState, index: number, correct: boolean[]): QuizState {
  if (state.solved || state.tried.includes(index)) return state;
  return stateOf([...state.tried, index], correct);
}

/** The state that the browser remembered, if it fits this question; otherwise the state before any answer. */
export function restored(kept: unknown, correct: boolean[]): QuizState {
  const fits = Array.isArray(kept) && new Set(kept).size === kept.length &&
    kept.every((index) => Number.isInteger(index) && index >= 0 && index < correct.length) &&
    kept.every((index, at) => !correct[index] || at === kept.length - 1);
  return stateOf(fits ? kept : [], correct);
}
