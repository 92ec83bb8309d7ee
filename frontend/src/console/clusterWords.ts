import type { ClusterStep, EndedCluster } from "@/api/types";
import { longDay, share } from "@/ui/format";

/** A group's own colour, the same for as long as it goes on: hues of neighbouring numbers lie far apart. */
export function clusterColour(number: number): string {
  return `hsl(${Math.round((number * 137.508) % 360)} 55% 42%)`;
}

/** A step of a group's history as a sentence. */
export function told(step: ClusterStep): string {
  const what = step.kind === "split" ? "Split from" : "Took in";
  const part = step.share === null ? "" : `, with ${share(step.share)} of its comments`;
  return `${what} “${step.name}” (group ${step.number}) on ${longDay(step.noted_on)}${part}.`;
}

/** How a group came to its end, as a sentence. */
export function toldEnd(ended: EndedCluster): string {
  const how = ended.into === null ? "is not heard any more as a group of its own" : `is part of “${ended.into}” now`;
  return `“${ended.name}” (group ${ended.number}) ${how}, since ${longDay(ended.ended_on)}.`;
}
