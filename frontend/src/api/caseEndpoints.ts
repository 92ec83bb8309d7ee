import type {
  CaseChange,
  CaseChoices,
  CaseDetail,
  CaseItem,
  CaseQueue,
  HandOffState,
  Learning,
  Lock,
  NewHandOff,
  NewNote,
  Outcome,
} from "./cases";
import { type Query, request } from "./client";
import type { Day } from "./types";

type Abort = AbortSignal | undefined;

/** Which case, and which version of it was seen: a change upon an older one is refused. */
export type Seen = Pick<CaseItem, "id" | "version">;

const at = (id: string): string => `/cases/${encodeURIComponent(id)}`;

/** Changes a case; every change gives the case back with its next version. */
const change = (method: "POST" | "PATCH", { id, version }: Seen, path: string, body: unknown): Promise<CaseItem> =>
  request<CaseItem>(at(id) + path, { method, body, ifMatch: version });

export const cases = {
  list: (query: Query, abort: Abort) => request<CaseQueue>("/cases", { query, signal: abort }),
  choices: () => request<CaseChoices>("/cases/choices"),
  one: (id: string, abort: Abort) => request<CaseDetail>(at(id), { signal: abort }),
  thank: (ids: readonly string[]) => request<{ items: CaseItem[] }>("/cases/thank", { method: "POST", body: { ids } }),
  change: (seen: Seen, body: CaseChange) => change("PATCH", seen, "", body),
  own: (seen: Seen, body: { account_id: string | null; deputy_id: string | null }) => change("POST", seen, "/owner", body),
  message: (seen: Seen, sealed: string) => change("POST", seen, "/messages", { sealed }),
  note: (seen: Seen, body: NewNote) => change("POST", seen, "/notes", body),
  handOff: (seen: Seen, body: NewHandOff) => change("POST", seen, "/hand-offs", body),
  changeHandOff: (seen: Seen, id: string, body: { state?: HandOffState; sealed?: string; about?: Record<string, string> }) =>
    change("PATCH", seen, `/hand-offs/${encodeURIComponent(id)}`, body),
  act: (seen: Seen, body: { sealed: string; due_on: Day | null }) => change("POST", seen, "/actions", body),
  changeAction: (seen: Seen, id: string, done: boolean) => change("PATCH", seen, `/actions/${encodeURIComponent(id)}`, { done }),
  close: (seen: Seen, body: { sealed: string; outcome: Outcome; learning: Learning | null }) => change("POST", seen, "/close", body),
  reopen: (seen: Seen) => change("POST", seen, "/reopen", undefined),
  link: (seen: Seen, reference: string) => change("POST", seen, "/link", { reference }),
  give: (seen: Seen, locks: readonly Lock[]) => change("POST", seen, "/locks", { locks }),
};

