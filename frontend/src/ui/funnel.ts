import type { Funnel, FunnelPoint, Where } from "@/api/quality";
import { linear, type Scale, ticks } from "./scales";

/** The room around the drawing, in pixels. */
export const ROOM = { top: 14, end: 74, bottom: 50, start: 48 } as const;

/** How far from the overall value a place lies: within chance, outside 95 or outside 99.8 of 100, or too few to say. */
export type Standing = "inside" | "outside" | "far" | "unknown";

/** A place that can be drawn. */
export interface FunnelSpot {
  x: number;
  y: number;
  point: Drawn;
  standing: Standing;
  shape: string;
}

/** Everything that the funnel draws, in pixels. */
export interface FunnelDrawing {
  x: Scale;
  y: Scale;
  along: number[];
  up: number[];
  overall: number | null;
  lines: { name: "95%" | "99.8%"; low: string; high: string; end: number | null }[];
  spots: FunnelSpot[];
}

/** Each standing has a shape of its own, so that colour is never alone. Drawn around 0,0. */
const SHAPES: Readonly<Record<Standing, string>> = {
  inside: "M-4.500 0a4.500 4.500 0 1 0 9 0a4.500 4.500 0 1 0-9 0Z",
  outside: "M0-7 7 0 0 7-7 0Z",
  far: "M0-8 7.500 6H-7.500Z",
  unknown: "M-4-4H4V4H-4Z",
};

export const STANDINGS: readonly { standing: Standing; words: string }[] = [
  { standing: "inside", words: "Within chance" },
  { standing: "outside", words: "Outside 95% limits: look again" },
  { standing: "far", words: "Outside 99.8% limits: more than chance" },
];

export const standingShape = (standing: Standing): string => SHAPES[standing];

/** Each place among the limits: how far out it is, and in words, with its direction but never a rank. */
const WHERE: Readonly<Record<Where, { standing: Standing; words: string }>> = {
  inside: { standing: "inside", words: "Within chance" },
  above_95: { standing: "outside", words: "Higher: chance may still explain it" },
  below_95: { standing: "outside", words: "Lower: chance may still explain it" },
  above_998: { standing: "far", words: "Higher than chance explains" },
  below_998: { standing: "far", words: "Lower than chance explains" },
  too_few: { standing: "unknown", words: "Too few to say" },
};

export const standingOf = ({ where }: Pick<FunnelPoint, "where">): Standing => WHERE[where].standing;

export const standingWords = ({ where }: Pick<FunnelPoint, "where">): string => WHERE[where].words;

/** A place that can be drawn: it has a number of answers and a value. */
type Drawn = FunnelPoint & { n: number; value: number };

const canBeDrawn = (point: FunnelPoint): point is Drawn => point.n !== null && point.value !== null;

/** The places in the order in which the arrow keys go: from few answers to many. */
export function inOrder<T extends { n: number; name: string }>(points: readonly T[]): T[] {
  return points.toSorted((a, b) => a.n - b.n || a.name.localeCompare(b.name));
}

function curve(limits: Funnel["limits"], of: (limit: Funnel["limits"][number]) => number, x: Scale, y: Scale): string {
  return limits.map((limit, i) => `${i ? "L" : "M"}${x(limit.n).toFixed(1)} ${y(of(limit)).toFixed(1)}`).join("");
}

/** Lays out a funnel plot of percentages in `width` × `height` pixels; places without a value are left to the table. */
export function funnelDrawing(funnel: Pick<Funnel, "overall" | "points" | "limits">, width: number, height: number): FunnelDrawing {
  const limits = funnel.limits.toSorted((a, b) => a.n - b.n);
  const shown = inOrder(funnel.points.filter(canBeDrawn));
  const most = Math.max(1, ...shown.map(({ n }) => n), ...limits.map(({ n }) => n));
  // Limits at very few answers span everything: the axis follows the places and the limits where places are.
  const least = Math.min(most, ...shown.map(({ n }) => n));
  const near = limits.filter(({ n }) => n >= least);
  const values = [
    ...shown.map(({ value }) => value),
    ...(funnel.overall === null ? [] : [funnel.overall]),
    ...near.flatMap(({ low95, high95 }) => [low95, high95]),
  ];
  const low = Math.max(0, Math.min(100, ...values) - 4);
  const high = Math.min(100, Math.max(0, ...values) + 4);
  const up = ticks(low, Math.max(high, low + 1), 5).filter((mark) => mark >= 0 && mark <= 100);
  const along = ticks(0, most, Math.max(2, Math.min(7, Math.floor(width / 90))));
  const x = linear(0, along.at(-1) ?? most, ROOM.start, width - ROOM.end);
  const floor = height - ROOM.bottom;
  const y = linear(up[0] ?? low, up.at(-1) ?? high, floor, ROOM.top);
  const bounded: Scale = (value) => Math.min(Math.max(y(value), ROOM.top - height), floor + height);
  const last = limits.at(-1);
  return {
    x,
    y,
    along,
    up,
    overall: funnel.overall === null ? null : y(funnel.overall),
    lines: [
      {
        name: "95%",
        low: curve(limits, ({ low95 }) => low95, x, bounded),
        high: curve(limits, ({ high95 }) => high95, x, bounded),
        end: last ? bounded(last.high95) : null,
      },
      {
        name: "99.8%",
        low: curve(limits, ({ low998 }) => low998, x, bounded),
        high: curve(limits, ({ high998 }) => high998, x, bounded),
        end: last ? bounded(last.high998) : null,
      },
    ],
    spots: shown.map((point) => {
      const standing = standingOf(point);
      return { x: x(point.n), y: y(point.value), point, standing, shape: SHAPES[standing] };
    }),
  };
}
