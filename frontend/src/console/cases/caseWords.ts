import type { CaseState, HandOffState, Way } from "@/api/cases";

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

/** How serious the most negative statement of a report is, from 0 to 5. */
export const CRITICALITY_WORDS = ["Not critical", "Minimally critical", "Mildly critical", "Moderately critical", "Strongly critical", "Severely critical"] as const;
