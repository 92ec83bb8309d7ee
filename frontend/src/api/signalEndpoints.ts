import { type Query, request } from "./client";
import type {
  ChartMark,
  Known,
  NewSignalRules,
  Precision,
  Signal,
  SignalChange,
  SignalDetail,
  SignalList,
  SignalMap,
  SignalRules,
  TopSignals,
  Useful,
} from "./types";

type Abort = AbortSignal | undefined;

const at = (id: string): string => `/signals/${encodeURIComponent(id)}`;

export const signals = {
  list: (query: Query, abort: Abort) => request<SignalList>("/signals", { query, signal: abort }),
  one: (id: string, abort: Abort) => request<SignalDetail>(at(id), { signal: abort }),
  change: (id: string, body: SignalChange) => request<Signal>(`${at(id)}/changes`, { method: "POST", body }),
  useful: (id: string, useful: boolean) => request<Useful>(`${at(id)}/useful`, { method: "POST", body: { useful } }),
  top: (query: Query, abort: Abort) => request<TopSignals>("/signals/top", { query, signal: abort }),
  map: (query: Query, abort: Abort) => request<SignalMap>("/signals/map", { query, signal: abort }),
  onChart: (query: Query, abort: Abort) => request<ChartMark[]>("/signals/on-chart", { query, signal: abort }),
  known: (query: Query, abort: Abort) => request<Known>("/signals/known", { query, signal: abort }),
  precision: (query: Query, abort: Abort) => request<Precision[]>("/signals/precision", { query, signal: abort }),
  rules: (query: Query, abort: Abort) => request<SignalRules>("/signals/rules", { query, signal: abort }),
  setRules: (query: Query, body: NewSignalRules) => request<SignalRules>("/signals/rules", { method: "PUT", query, body }),
};
