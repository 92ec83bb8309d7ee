import { request } from "./client";
import type { Day, Me } from "./types";

/** The nouns of signing in, of one's own account, and of the people that an administrator looks after. */

export interface Ways {
  /** What the button of single sign-on calls the provider; null where there is none. */
  single_sign_on: string | null;
  demonstration: boolean;
}

export interface MyPasskey {
  id: string;
  name: string;
  made_on: Day;
  used_on: Day | null;
}

export type How = "password" | "code" | "recovery_code" | "passkey" | "single_sign_on";

export interface MySession {
  id: string;
  opened_on: Day;
  how: How;
  mfa: boolean;
  here: boolean;
}

export interface Account {
  name: string;
  email: string;
  has_password: boolean;
  codes_since: Day | null;
  passkeys: MyPasskey[];
  recovery_codes_left: number;
  single_sign_on_since: Day | null;
  single_sign_on_name: string | null;
  sessions: MySession[];
  must_have_factor: boolean;
  fresh: boolean;
}

export interface NewCodes {
  secret: string;
  address: string;
  /** A QR code: the `data:` address of an SVG. */
  picture: string;
}

export type RoleName = "administrator" | "guardian" | "pals" | "manager" | "quality_lead" | "analyst";

export interface GivenRole {
  role: RoleName;
  org_id: string;
  org_name: string;
  managed: boolean;
}

export interface Person {
  id: string;
  name: string;
  email: string;
  closed: boolean;
  invited: boolean;
  has_password: boolean;
  single_sign_on: boolean;
  two_factors: boolean;
  managed: boolean;
  me: boolean;
  roles: GivenRole[];
}

export interface Invitation {
  id: string;
  link: string;
  until: Day;
  waiting: boolean;
}

export interface SecondLook {
  id: string;
  kind: string;
  account_id: string;
  name: string;
  email: string;
  role: RoleName | null;
  org_name: string | null;
  asked_by_name: string;
  asked_on: Day;
  mine: boolean;
}

interface Asked {
  options: Record<string, unknown>;
}
interface RecoveryCodes {
  recovery_codes: string[];
}

const post = <T>(path: string, body?: unknown): Promise<T> => request<T>(path, { method: "POST", body });
const remove = (path: string): Promise<null> => request<null>(path, { method: "DELETE" });

export const steps = {
  ways: () => request<Ways>("/session/ways"),
  code: (code: string) => post<Me>("/session/code", { code }),
  password: (password: string) => post<Me>("/session/password", { password }),
  askPasskey: () => post<Asked>("/session/passkey/options"),
  passkey: (credential: unknown) => post<Me>("/session/passkey", { credential }),
  singleSignOn: (body: { next?: string; invitation?: string }) => post<{ address: string }>("/session/single-sign-on", body),
  invited: (token: string) => post<{ name: string; email: string }>("/session/invitation/look", { token }),
  accept: (token: string, password: string) => post<Me>("/session/invitation", { token, password }),
};

export const account = {
  read: (signal?: AbortSignal) => request<Account>("/account", { signal }),
  password: (present: string, password: string) => request<Me>("/account/password", { method: "PUT", body: { present, password } }),
  beginCodes: () => post<NewCodes>("/account/codes"),
  confirmCodes: (code: string) => post<RecoveryCodes>("/account/codes/confirm", { code }),
  removeCodes: () => remove("/account/codes"),
  askPasskey: () => post<Asked>("/account/passkeys/options"),
  addPasskey: (name: string, credential: unknown) => post<RecoveryCodes>("/account/passkeys", { name, credential }),
  removePasskey: (id: string) => remove(`/account/passkeys/${encodeURIComponent(id)}`),
  newRecoveryCodes: () => post<RecoveryCodes>("/account/recovery-codes"),
  endSession: (id: string) => remove(`/account/sessions/${encodeURIComponent(id)}`),
  endOthers: () => remove("/account/sessions"),
  link: () => post<{ address: string }>("/session/single-sign-on/link"),
  unlink: () => remove("/account/single-sign-on"),
};

const one = (id: string): string => `/people/${encodeURIComponent(id)}`;

export const people = {
  all: (signal?: AbortSignal) => request<Person[]>("/people", { signal }),
  invite: (body: { email: string; name: string; role: RoleName; org_id: string }) => post<Invitation>("/people", body),
  link: (id: string) => post<Invitation>(`${one(id)}/link`),
  close: (id: string) => post<null>(`${one(id)}/close`),
  open: (id: string) => post<null>(`${one(id)}/open`),
  reset: (id: string) => post<{ waiting: boolean }>(`${one(id)}/reset`),
  give: (id: string, role: RoleName, org_id: string) => post<{ waiting: boolean }>(`${one(id)}/roles`, { role, org_id }),
  take: (id: string, role: RoleName, org: string) => remove(`${one(id)}/roles/${role}/${encodeURIComponent(org)}`),
  looks: (signal?: AbortSignal) => request<SecondLook[]>("/second-looks", { signal }),
  decide: (id: string, agree: boolean) => post<null>(`/second-looks/${encodeURIComponent(id)}`, { agree }),
};
