import type { CaseState, Way } from "@/api/cases";

/** How somebody spoke up, and what follows from it for who reads it. */
export const WAY_WORDS: Readonly<Record<Way, { name: string; means: string }>> = {
  open: { name: "Open", means: "They gave their name and agreed that it may be used." },
  confidential: { name: "Confidential", means: "You may know who it is. Tell nobody without their consent, unless somebody is in danger." },
  anonymous: { name: "Anonymous", means: "Nobody knows who it is. You can ask and answer through their receipt." },
};

export const CASE_STATE_WORDS: Readonly<Record<CaseState, string>> = { new: "New", open: "Open", closed: "Closed" };
