/** What is known of a case here and now: its id, and the numbers that stand for its meaning when its reading could be opened. */
export interface Meant {
  id: string;
  embedding: readonly number[] | null;
}

/** From here on two readings are so much alike that they may tell of the same event. */
export const ALIKE = 0.85;

/** The cosine of two vectors of the same length: 1 for the same direction; 0 where one of them is empty or all noughts. */
export function cosine(a: readonly number[], b: readonly number[]): number {
  let dot = 0;
  let aa = 0;
  let bb = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] ?? 0, b[i] ?? 0];
    dot += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa && bb ? dot / Math.sqrt(aa * bb) : 0;
}

/**
 * For each case the others that may tell of the same event, most alike first.
 *
 * Cases are compared two by two and never merged: likeness is not passed on from a second case to a third, so that a chain of
 * weak likenesses does not end in one heap.
 */
export function alike(cases: readonly Meant[], least: number = ALIKE): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, { id: string; much: number }[]>(cases.map(({ id }) => [id, []]));
  cases.forEach((one, i) => {
    for (const other of cases.slice(i + 1)) {
      const much = one.embedding && other.embedding ? cosine(one.embedding, other.embedding) : 0;
      if (much < least) continue;
      found.get(one.id)?.push({ id: other.id, much });
      found.get(other.id)?.push({ id: one.id, much });
    }
  });
  return new Map([...found].map(([id, others]) => [id, others.sort((a, b) => b.much - a.much).map((other) => other.id)]));
}

/**
 * Puts cases that may tell of the same event under the first of them, and leaves the order of all others as the server gave it.
 *
 * Each row is one person's case; a row of several stands where its first, most pressing, case stood.
 */
export function inRows<T extends { id: string }>(cases: readonly T[], likeness: ReadonlyMap<string, readonly string[]>): readonly T[][] {
  const placed = new Set<string>();
  const rows: T[][] = [];
  for (const one of cases) {
    if (placed.has(one.id)) continue;
    const others = likeness.get(one.id) ?? [];
    const row = [one, ...cases.filter((other) => others.includes(other.id) && !placed.has(other.id))];
    row.forEach(({ id }) => placed.add(id));
    rows.push(row);
  }
  return rows;
}
