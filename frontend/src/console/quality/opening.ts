import type { Action } from "@/api/types";

/** Rooms of the console that not everybody who sees numbers may enter. */
const ROOMS: readonly { path: string; needs: Action }[] = [
  { path: "/cases", needs: "cases" },
  { path: "/signals", needs: "signals" },
  { path: "/comments", needs: "comments" },
  { path: "/measures", needs: "measures" },
  { path: "/actions", needs: "improvements" },
];

/** The address of what is behind a number, where the reader may go there; else null, so that no link ends at a closed door. */
export function openable(opens: string | null, may: (action: Action) => boolean): string | null {
  if (opens === null) return null;
  const room = ROOMS.find(({ path }) => opens === path || opens.startsWith(`${path}?`) || opens.startsWith(`${path}/`));
  return !room || may(room.needs) ? opens : null;
}
