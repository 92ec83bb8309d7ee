import { Problem } from "@/api/client";
import type { How, RoleName } from "@/api/signing";
import { asProblem } from "@/ui/useLoad";
import { NoPasskey } from "./passkeys";

/** Roles in the order in which they are offered, with what each is for. */
export const ROLES: readonly { role: RoleName; name: string; does: string; two: boolean }[] = [
  { role: "manager", name: "Manager", does: "reads patients’ and carers’ comments of a unit", two: false },
  { role: "quality_lead", name: "Quality lead", does: "reads all comments, imports, sees all measures", two: false },
  { role: "analyst", name: "Analyst", does: "explores and exports patients’ and carers’ comments", two: false },
  { role: "guardian", name: "Freedom to Speak Up guardian", does: "handles every case, with keys of their own", two: true },
  { role: "pals", name: "PALS", does: "handles patients’ and carers’ cases, with keys of their own", two: true },
  { role: "administrator", name: "Administrator", does: "invites people, makes links, watches background work", two: true },
];

/** A role in words. */
export function roleName(role: RoleName): string {
  return ROLES.find((one) => one.role === role)?.name ?? role;
}

const HOW: Readonly<Record<How, string>> = {
  password: "Password",
  code: "Password and code",
  recovery_code: "Password and recovery code",
  passkey: "Passkey",
  single_sign_on: "Single sign-on",
};

/** How a session was opened, in words. */
export function howWords(how: How): string {
  return HOW[how];
}

/** What went wrong, in one sentence: the first field's word where there is one. */
export function sentence(error: unknown): string {
  if (error instanceof NoPasskey) return error.message;
  const problem = asProblem(error);
  return problem.errors[0]?.message ?? problem.message;
}

/** Whether the server wants to see again who it is before it changes how they sign in. */
export function wantsProof(error: unknown): boolean {
  return error instanceof Problem && error.title === "ProveAgain";
}

const WRONG: Readonly<Record<string, string>> = {
  refused: "Your organisation’s sign-in gave an answer that cannot be trusted. Please start again.",
  away: "Your organisation’s sign-in does not answer. Try again later, or use your password.",
  unknown: "Nobody here is linked to that sign-in. Sign in with your password, and link it on the page of your account.",
  taken: "That sign-in, or your account, is linked already.",
  invitation: "This invitation was used, or it is too old. Ask an administrator for a new one.",
};

/** What the address of the sign-in page says went wrong on the way back from a provider; nothing for other words. */
export function wrongWords(said: unknown): string {
  return typeof said === "string" && Object.hasOwn(WRONG, said) ? (WRONG[said] ?? "") : "";
}
