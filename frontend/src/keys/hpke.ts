/** HPKE (RFC 9180, base mode, X25519, HKDF-SHA256, AES-256-GCM), single shot: enc (32 bytes), then the ciphertext. */

import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { DhkemX25519HkdfSha256 } from "@hpke/dhkem-x25519";
import { type Bytes, joined, Unreadable } from "./bytes";

const ENC = 32;

// This X25519 also runs in browsers that have none of their own yet.
const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/** A key pair, 32 bytes each. */
export interface KeyPair {
  readonly public: Bytes;
  readonly private: Bytes;
}

/** Makes a fresh pair. */
export async function newPair(): Promise<KeyPair> {
  const pair = await suite.kem.generateKeyPair();
  const [open, secret] = await Promise.all([
    suite.kem.serializePublicKey(pair.publicKey),
    suite.kem.serializePrivateKey(pair.privateKey),
  ]);
  return { public: new Uint8Array(open), private: new Uint8Array(secret) };
}

/** Seals bytes to a public key, bound to `info`. */
export async function seal(to: Bytes, plain: Bytes, info: Bytes): Promise<Bytes> {
  const recipientPublicKey = await suite.kem.deserializePublicKey(to);
  const { enc, ct } = await suite.seal({ recipientPublicKey, info }, plain);
  return joined(new Uint8Array(enc), new Uint8Array(ct));
}

/** Opens what `seal` made; throws `Unreadable` for another key, row or purpose. */
export async function open(secret: Bytes, sealed: Bytes, info: Bytes): Promise<Bytes> {
  try {
    const recipientKey = await suite.kem.deserializePrivateKey(secret);
    const params = { recipientKey, enc: sealed.slice(0, ENC), info };
    return new Uint8Array(await suite.open(params, sealed.slice(ENC)));
  } catch {
    throw new Unreadable();
  }
}
