import type { HoldReason } from "@/api/admin";

/** What was done, as people say it; a word that is not listed here is shown as it is. */
const WORDS: Readonly<Record<string, string>> = {
  "session.password": "Signed in with a password",
  "session.code": "Signed in with a code",
  "session.recovery_code": "Signed in with a recovery code",
  "session.passkey": "Signed in with a passkey",
  "session.single_sign_on": "Signed in through single sign-on",
  "session.ended": "Signed out",
  "session.others_ended": "Ended other sessions",
  "session.wrong_code": "Typed a wrong code",
  "session.refused": "Was not let in",
  "account.password": "Changed a password",
  "account.codes_added": "Added an app for codes",
  "account.codes_removed": "Removed an app for codes",
  "account.passkey_added": "Added a passkey",
  "account.passkey_removed": "Removed a passkey",
  "account.recovery_codes": "Made recovery codes",
  "account.single_sign_on_added": "Connected single sign-on",
  "account.single_sign_on_removed": "Disconnected single sign-on",
  "people.invite": "Invited somebody",
  "people.link": "Made a new invitation link",
  "people.close": "Closed an account",
  "people.open": "Opened an account again",
  "people.ask_role": "Asked to give a role",
  "people.give_role": "Gave a role",
  "people.take_role": "Took a role away",
  "people.ask_reset": "Asked to forget second factors",
  "people.reset_factors": "Agreed to forget second factors",
  "people.refuse": "Refused a change that needs two people",
  "keys.made": "Made a key pair",
  "keys.lost": "Replaced a lost key pair",
  "keys.changed": "Changed a key pair",
  "keys.lock_added": "Added a way to open a key pair",
  "keys.lock_removed": "Removed a way to open a key pair",
  "escrow.set": "Named two people for emergencies",
  "escrow.removed": "Removed the two people for emergencies",
  "break_glass.ask": "Asked to open a case in an emergency",
  "break_glass.agree": "Agreed to open a case in an emergency",
  "break_glass.refuse": "Refused to open a case in an emergency",
  "break_glass.open": "Opened a case in an emergency",
  "case.read": "Read a case",
  "case.held": "Put a case on hold",
  "case.released": "Lifted the hold of a case",
  "case.erased": "Erased a case",
  "response.erased": "Erased a comment",
  "hold.set": "Set a hold",
  "hold.lifted": "Lifted a hold",
  "retention.rule_set": "Changed how long something is kept",
  "retention.rule_dropped": "Went back to the usual time of keeping",
  "retention.responses": "Removed comments past their time",
  "retention.originals": "Removed sealed texts past their time",
  "retention.uploads": "Removed uploads past their time",
  "key.renewed": "Began to seal with a new key",
  "key.destroyed": "Destroyed an old key",
  "comments.exported": "Took comments out as a file",
  "import.begun": "Began an import",
  "import.undone": "Undid an import",
  "form.link_made": "Made a link to a form",
  "form.link_changed": "Changed a link to a form",
  "learning.asked": "Asked Earshot to learn from corrections",
  "learning.activated": "Put a model to use",
  "learning.rolled_back": "Went back to an earlier model",
  "learning.read_again": "Let older comments be read again",
  "signals.rules": "Changed how many false alarms are borne",
  "return.typed": "Typed a number into a return",
  "return.exact": "Saw a return with small numbers",
  "return.exported": "Took a return out as a file",
  "return.sent": "Noted a return as sent",
};

/** What was done, in words: "case.handed_off" without words of its own is "case: handed off". */
export function actionWords(action: string): string {
  const [area = "", ...rest] = action.split(".");
  return WORDS[action] ?? `${area.replaceAll("_", " ")}: ${rest.join(" ").replaceAll("_", " ")}`;
}

const ROLES: Readonly<Record<string, string>> = { pals: "PALS", quality_lead: "quality lead" };

/** Roles as people say them: "guardian, quality lead". */
export const roleWords = (roles: readonly string[]): string => roles.map((role) => ROLES[role] ?? role).join(", ");

/** Why something must be kept. */
export const HOLD_REASONS: Readonly<Record<HoldReason, string>> = {
  claim: "A legal claim",
  inquest: "An inquest",
  police: "The police asked",
  inquiry: "A public inquiry",
  complaint: "A complaint is open",
  access_request: "Somebody asked for their data",
};
