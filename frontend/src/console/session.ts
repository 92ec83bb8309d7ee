import { computed, shallowRef } from "vue";
import { session as calls } from "@/api/endpoints";
import { Problem } from "@/api/client";
import type { Action, Me, Org } from "@/api/types";
import { orgs as loadOrgs } from "@/api/endpoints";

const me = shallowRef<Me | null>(null);
const tree = shallowRef<Org[]>([]);
const half = shallowRef<Me | null>(null);
const asked = shallowRef(false);

/** Who is signed in and which organisations they may see; null when nobody is. */
export const who = computed(() => me.value);
/** Who typed the right password and still lacks a second step; null when nobody does. */
export const halfway = computed(() => half.value);
export const orgs = computed(() => tree.value);

/** Takes over what the server said after a step of signing in; returns whether all steps are done. */
export async function enter(person: Me): Promise<boolean> {
  const inside = person.need === "nothing";
  if (inside) tree.value = (await loadOrgs()) ?? [];
  me.value = inside ? person : null;
  half.value = inside ? null : person;
  asked.value = true;
  return inside;
}

/** Asks the server once whether a session is still open. Throws Problem when the server cannot say. */
export async function knowWho(): Promise<Me | null> {
  if (asked.value) return me.value;
  try {
    await enter(await calls.read());
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
  }
  asked.value = true;
  return me.value;
}

/** Reads again who is signed in, after a step that the server does not answer with it. */
export async function readWho(): Promise<boolean> {
  return enter(await calls.read());
}

/** Signs in, and says whether that was all. Throws Problem with status 401 when the address or the password is wrong. */
export async function signIn(email: string, password: string): Promise<boolean> {
  return enter(await calls.start(email, password));
}

/** Forgets who was signed in, for when the session has ended. */
export function forget(): void {
  me.value = half.value = null;
  tree.value = [];
  asked.value = false;
}

/** Signs out, also when the server cannot be reached: nothing of the session stays on the page. */
export async function signOut(): Promise<void> {
  await calls.end().catch(() => null);
  forget();
  asked.value = true;
}

/** Whether the person's roles allow this. */
export function may(action: Action): boolean {
  return me.value?.may.includes(action) ?? false;
}

/** Reads the organisations again, after an import that made new ones. */
export async function readOrgs(): Promise<void> {
  tree.value = await loadOrgs();
}
