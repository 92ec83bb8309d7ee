/** Maps a value to a place on the page. */
export type Scale = (value: number) => number;

/** A straight line from `[low, high]` to `[start, end]`; an empty domain maps to the middle. */
export function linear(low: number, high: number, start: number, end: number): Scale {
  if (high === low) return () => (start + end) / 2;
  return (value) => start + ((value - low) / (high - low)) * (end - start);
}

/** A round step (1, 2, 2.5 or 5 times a power of ten) that cuts `span` into at most `most` parts. */
export function niceStep(span: number, most: number): number {
  if (span <= 0) return 1;
  const rough = span / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((one) => one * power >= rough * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/** Round values that cover `low`…`high`, at most `most` + 2 of them, in ascending order. */
export function ticks(low: number, high: number, most = 5): number[] {
  const step = niceStep(high - low, most);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** The places of `n` labels of which only every k-th fits into `width` at `each` pixels; the last one always stays. */
export function everyNth(n: number, width: number, each: number): Set<number> {
  const room = Math.max(1, Math.floor(width / each));
  const step = Math.max(1, Math.ceil(n / room));
  const kept = new Set<number>();
  for (let i = n - 1; i >= 0; i -= step) kept.add(i);
  return kept;
}

/** One place on a line; `y` is null where there is a gap. */
export interface Spot {
  x: number;
  y: number | null;
}

/** An SVG path through the spots that lifts the pen at each gap. */
export function linePath(spots: readonly Spot[]): string {
  let down = false;
  return spots
    .flatMap(({ x, y }) => {
      const command = y === null ? "" : `${down ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
      down = y !== null;
      return command ? [command] : [];
    })
    .join("");
}

/** An SVG path of level steps: each value holds from half a step before its place to half a step after. */
export function stepPath(spots: readonly Spot[], half: number): string {
  let last: number | null = null;
  let path = "";
  for (const { x, y } of spots) {
    if (y === null) {
      last = null;
      continue;
    }
    const from = `${(x - half).toFixed(1)} ${y.toFixed(1)}`;
    path += (last === y ? "" : `M${from}`) + `H${(x + half).toFixed(1)}`;
    last = y;
  }
  return path;
}
