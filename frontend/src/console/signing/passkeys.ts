/** The browser did not make or use a passkey, or the person stopped it. */
export class NoPasskey extends Error {
  constructor() {
    super("The passkey was not used. Try again, or choose another way.");
    this.name = "NoPasskey";
  }
}

/** Whether this browser knows passkeys, in the form in which the server speaks of them. */
export function passkeysWork(): boolean {
  return typeof PublicKeyCredential === "function" && typeof PublicKeyCredential.parseCreationOptionsFromJSON === "function";
}

/** Makes a new passkey as the server asked; gives back what the server must see. Throws `NoPasskey`. */
export async function makePasskey(options: Record<string, unknown>): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as unknown as PublicKeyCredentialCreationOptionsJSON);
  // Asked for when it is made, a passkey can also open the keys of somebody who handles cases.
  const extensions = { ...publicKey.extensions, prf: {} };
  return answered(navigator.credentials.create({ publicKey: { ...publicKey, extensions } }));
}

/** Signs the server's challenge with a passkey of this site; gives back what the server must see. Throws `NoPasskey`. */
export async function showPasskey(options: Record<string, unknown>): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as unknown as PublicKeyCredentialRequestOptionsJSON);
  return answered(navigator.credentials.get({ publicKey }));
}

async function answered(asking: Promise<Credential | null>): Promise<unknown> {
  const credential = (await asking.catch(() => null)) as PublicKeyCredential | null;
  if (!credential) throw new NoPasskey();
  return credential.toJSON();
}

/** A name for a new passkey that its owner will know again: the kind of device that this browser runs on. */
export function deviceName(agent: string): string {
  const kinds: readonly (readonly [RegExp, string])[] = [
    [/iPhone/, "iPhone"],
    [/iPad/, "iPad"],
    [/Android/, "Android phone or tablet"],
    [/Windows/, "Windows computer"],
    [/Mac OS/, "Mac"],
    [/CrOS/, "Chromebook"],
    [/Linux/, "Linux computer"],
  ];
  return kinds.find(([pattern]) => pattern.test(agent))?.[1] ?? "This device";
}
