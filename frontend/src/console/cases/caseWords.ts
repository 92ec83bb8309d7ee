import type { CaseItem, CaseState, HandOffState, Way } from "@/api/cases";
import type { RiskKind } from "@/api/types";
import { shortDay } from "@/ui/format";
import { RISK_WORDS } from "@/ui/words";

/** How somebody spoke up, and what follows from it for who reads it. */
export const WAY_WORDS: Readonly<Record<Way, { name: string; means: string }>> = {
  open: { name: "Open", means: "They gave their name and agreed that it may be used." },
  confidential: { name: "Confidential", means: "You may know who it is. Tell nobody without their consent, unless somebody is in danger." },
  anonymous: { name: "Anonymous", means: "Nobody knows who it is. You can ask and answer through their receipt." },
};
export const WAYS = Object.keys(WAY_WORDS) as readonly Way[];

export const CASE_STATE_WORDS: Readonly<Record<CaseState, string>> = { new: "New", open: "Open", closed: "Closed" };
export const HAND_OFF_STATE_WORDS: Readonly<Record<HandOffState, string>> = {
  draft: "Draft, not sent",
  sent: "Sent",
  withdrawn: "Withdrawn",
};

const SERIOUS = ["Not serious", "Slightly serious", "Somewhat serious", "Serious", "Very serious"] as const;

/** How serious the most negative statement of a report is, as the computer heard it; null where it could not tell. */
export function seriousWords(criticality: number | null): string | null {
  return criticality === null ? null : (SERIOUS[criticality] ?? "Very serious");
}

/** What keeps a case from waiting, in the order of the queue: each with how it is to be drawn. */
export function pressing(item: CaseItem): { words: string; late: boolean }[] {
  if (item.state === "closed") return [];
  const unheard = item.read_on === null ? "The computer has not read it yet" : "The computer could not read it: please look";
  return [
    ...(item.risk === null ? [{ words: unheard, late: false }] : []),
    ...(item.thanks_overdue ? [{ words: "Thanks overdue", late: true }] : []),
    ...(item.owner_overdue ? [{ words: "Nobody has it: overdue", late: true }] : []),
    ...(item.hand_off_due ? [{ words: `Hand-off due ${shortDay(item.hand_off_due)}`, late: false }] : []),
  ];
}

/** The kinds of risk that the computer heard, each as a sentence; one sentence where it only could not tell. */
export function riskSentences({ risk, risk_kinds }: Pick<CaseItem, "risk" | "risk_kinds">): string[] {
  if (!risk) return [];
  const known = risk_kinds.map((kind) => RISK_WORDS[kind as RiskKind] ?? "Somebody may be at risk");
  return known.length ? [...new Set(known)] : ["Somebody may be at risk, or it may not be in English: please look"];
}
