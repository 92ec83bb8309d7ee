import { type Bytes, random, toBase64 } from "@/keys/bytes";

/** A passkey could not be used: the browser lacks what is needed, or the person stopped it. */
export class NoPasskey extends Error {
  constructor(message: string) {
    super(message);
    this.name = "NoPasskey";
  }
}

const STOPPED = "The passkey was not used. Try again, or use your passphrase.";
const LACKS = "This passkey or this browser cannot open keys. Use your passphrase.";

/** Whether this browser knows passkeys at all; whether one can open keys shows only when it is asked. */
export function passkeysWork(): boolean {
  return typeof PublicKeyCredential === "function" && typeof navigator.credentials?.get === "function";
}

/** A passkey to ask, and what its secret function (PRF) is evaluated at. */
export interface Asked {
  id: Bytes;
  salt: Bytes;
}

/** What one passkey answered: which of those asked it was, its id, and the PRF's answer (32 bytes). */
export interface Answered {
  place: number;
  id: Bytes;
  prf: Bytes;
}

function extensionsOf(asked: readonly Asked[], salt: Bytes): AuthenticationExtensionsClientInputs {
  if (!asked.length) return { prf: { eval: { first: salt } } };
  // Browsers want the ids of this table in base64url.
  const byId = asked.map(({ id, salt: first }) => [urlSafe(id), { first }] as const);
  return { prf: { evalByCredential: Object.fromEntries(byId) } };
}

const urlSafe = (bytes: Bytes): string => toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

/**
 * Asks one of these passkeys for its secret; with none, any passkey of this site, at `salt`.
 *
 * Nothing of this is sent anywhere: the challenge is made here, since it is not for signing in. Throws `NoPasskey`.
 */
export async function askPasskey(asked: readonly Asked[], salt: Bytes = random(32)): Promise<Answered> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge: random(32),
    userVerification: "required",
    allowCredentials: asked.map(({ id }) => ({ type: "public-key", id })),
    extensions: extensionsOf(asked, salt),
  };
  const given = (await navigator.credentials.get({ publicKey }).catch(() => null)) as PublicKeyCredential | null;
  if (!given) throw new NoPasskey(STOPPED);
  const first = given.getClientExtensionResults().prf?.results?.first;
  if (!first) throw new NoPasskey(LACKS);
  const id = new Uint8Array(given.rawId);
  const prf = first instanceof ArrayBuffer ? new Uint8Array(first) : new Uint8Array(first.buffer, first.byteOffset, first.byteLength).slice();
  return { place: asked.findIndex((one) => toBase64(one.id) === toBase64(id)), id, prf };
}
