// Characters that would show nothing by themselves.

const SIGNS: Record<string, string> = { "\n": "↵", " ": "␣", "\t": "⇥" };

export function visible(character: string): string {
  return SIGNS[character] ?? character;
}
