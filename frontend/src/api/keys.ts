import type { GlassState, Handler, SealedText } from "./cases";
import type { Day } from "./types";

/** The nouns of key pairs, and of the two people who together open what nobody else can. Bytes travel as base64. */

/** A private key as it leaves the browser: under a passphrase, or under a passkey. */
export interface NewKeyLock {
  kind: "passphrase" | "passkey";
  credential_id?: string;
  salt: string;
  settings?: { m: number; t: number; p: number };
  sealed: string;
}

/** One way to open a private key. */
export interface KeyLock {
  id: string;
  kind: "passphrase" | "passkey";
  credential_id: string | null;
  salt: string;
  settings: Record<string, number>;
  sealed: string;
  made_on: Day;
}

/** One of my key pairs; a retired one still opens what was sealed to it late. */
export interface MyPair {
  id: string;
  public: string;
  made_on: Day;
  retired_on: Day | null;
  cases: number;
  locks: KeyLock[];
}

export interface Colleague {
  account_id: string;
  name: string;
  roles: string[];
  pair_id: string;
  public: string;
  made_on: Day;
}

export interface Escrow {
  org_id: string;
  org_name: string;
  first: Colleague;
  second: Colleague;
  set_on: Day;
}

export interface MyKeys {
  current: MyPair | null;
  retired: MyPair[];
  colleagues: Colleague[];
  escrow: Escrow[];
  may_set_escrow: boolean;
}

/** A lock of one of my key pairs, to be sealed again when keys are changed. */
export interface CaseLock {
  case_id: string;
  pair_id: string;
  opens: "case" | "notes";
  sealed: string;
}

export interface Rotation {
  public: string;
  lock: NewKeyLock;
  case_locks: Omit<CaseLock, "pair_id">[];
}

/** A request to open a case without its handlers' keys; `part` says what I may do with it. */
export interface Glass {
  id: string;
  case_id: string;
  reference: string;
  org_name: string;
  asked_by: string;
  asked_on: Day;
  reason: string;
  state: GlassState;
  agreed_by: string | null;
  agreed_on: Day | null;
  ends_on: Day | null;
  part: "first" | "second" | "handler";
  pair_id: string | null;
  outer_sealed: string | null;
  inner_sealed: string | null;
}

export interface GlassList {
  items: Glass[];
  may_ask: boolean;
}

/** A case that two people opened: its sealed texts without private notes, and who may be given its key. */
export interface GlassOpened {
  glass: Glass;
  stream: string;
  way: string;
  received_on: Day;
  texts: SealedText[];
  handlers: Handler[];
}
