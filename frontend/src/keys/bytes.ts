/** Bytes and how they travel. Nothing here knows what they mean. */

export type Bytes = Uint8Array<ArrayBuffer>;

/** A ciphertext's length says how long a text is only to the nearest so many bytes. */
export const PAD_TO = 256;

/** Something sealed could not be opened with this key, in this place. */
export class Unreadable extends Error {
  constructor() {
    super("This could not be opened with your key.");
    this.name = "Unreadable";
  }
}

/** Whether this page may use the browser's cryptography: only on https, or on the same computer. */
export function keysWork(): boolean {
  return typeof globalThis.crypto?.subtle?.encrypt === "function";
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

export function joined(...parts: readonly Uint8Array[]): Bytes {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

export function toBase64(bytes: Uint8Array): string {
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters);
}

export function fromBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function fromHex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

/** The 16 bytes of a UUID. */
export function uuidBytes(id: string): Bytes {
  const bytes = fromHex(id.replaceAll("-", ""));
  if (bytes.length !== 16) throw new TypeError("not a UUID");
  return bytes;
}

/** Pads as ISO/IEC 7816-4: a marker byte and zeros, up to a multiple of 256 bytes. */
export function pad(plain: Uint8Array): Bytes {
  const padded = new Uint8Array(Math.ceil((plain.length + 1) / PAD_TO) * PAD_TO);
  padded.set(plain);
  padded[plain.length] = 0x80;
  return padded;
}

/** Undoes `pad`. */
export function unpad(padded: Bytes): Bytes {
  const end = padded.lastIndexOf(0x80);
  if (end < 0) throw new Unreadable();
  return padded.slice(0, end);
}

/** A document as padded JSON. */
export function fromDocument(document: object): Bytes {
  return pad(utf8(JSON.stringify(document)));
}

/** Undoes `fromDocument`. */
export function toDocument(padded: Bytes): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(unpad(padded)));
  } catch {
    throw new Unreadable(); // what could not be read must not be quoted
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) throw new Unreadable();
  return document as Record<string, unknown>;
}
