import type { Lock } from "./cases";
import { request } from "./client";
import type { CaseLock, Glass, GlassList, GlassOpened, KeyLock, MyKeys, NewKeyLock, Rotation } from "./keys";

type Abort = AbortSignal | undefined;

const at = (id: string): string => encodeURIComponent(id);

export const keys = {
  read: (abort: Abort) => request<MyKeys>("/keys", { signal: abort }),
  make: (body: { public: string; lock: NewKeyLock; lost?: boolean }) => request<MyKeys>("/keys", { method: "POST", body }),
  caseLocks: () => request<{ locks: CaseLock[] }>("/keys/case-locks"),
  rotate: (body: Rotation) => request<MyKeys>("/keys/rotate", { method: "POST", body }),
  addLock: (body: NewKeyLock) => request<KeyLock>("/keys/locks", { method: "POST", body }),
  dropLock: (id: string) => request<null>(`/keys/locks/${at(id)}`, { method: "DELETE" }),
  setEscrow: (org: string, body: { first_account_id: string; second_account_id: string }) =>
    request<MyKeys>(`/keys/escrow/${at(org)}`, { method: "PUT", body }),
  dropEscrow: (org: string) => request<null>(`/keys/escrow/${at(org)}`, { method: "DELETE" }),
};

export const breakGlass = {
  list: (abort: Abort) => request<GlassList>("/break-glass", { signal: abort }),
  ask: (body: { reference: string; reason: string }) => request<Glass>("/break-glass", { method: "POST", body }),
  agree: (id: string, inner_sealed: string) => request<Glass>(`/break-glass/${at(id)}/agree`, { method: "POST", body: { inner_sealed } }),
  refuse: (id: string) => request<Glass>(`/break-glass/${at(id)}/refuse`, { method: "POST" }),
  open: (id: string) => request<GlassOpened>(`/break-glass/${at(id)}`),
  give: (id: string, locks: readonly Lock[]) => request<Glass>(`/break-glass/${at(id)}/locks`, { method: "POST", body: { locks } }),
};
