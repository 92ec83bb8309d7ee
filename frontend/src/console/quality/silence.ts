import type { Silence } from "@/api/quality";

/** Each state has a mark of its own, so that colour is never alone; in the order of the key. */
export const SILENCE_LOOK: Readonly<Record<Silence, { mark: string; words: string }>> = {
  heard: { mark: "●", words: "heard" },
  fewer: { mark: "F", words: "heard less than usual" },
  silent: { mark: "S", words: "silent" },
  no_data: { mark: "–", words: "nothing to compare with yet" },
};

/** The states that a map shows, in the order of its key. */
export function statesOf(rows: readonly { cells: readonly Silence[] }[]): Silence[] {
  const found = new Set(rows.flatMap(({ cells }) => cells));
  return (Object.keys(SILENCE_LOOK) as Silence[]).filter((state) => found.has(state));
}
