import type { HandOffKind, Way } from "@/api/cases";
import type { Stream } from "@/api/types";

/** What a template may say of a case without a person having to look it up. Never a name, and never the person's own words. */
export interface About {
  reference: string;
  org_name: string;
  stream: Stream;
  way: Way;
  received: string;
  elements: readonly string[];
}

/** What a hand-off is for, in the words of its choice, and who sends it where. Earshot itself never sends one. */
export const HAND_OFF_WORDS: Readonly<Record<HandOffKind, { name: string; sent: string; hint: string }>> = {
  pals: {
    name: "PALS",
    sent: "Send it to your Patient Advice and Liaison Service.",
    hint: "For help that can be given quickly, when the person agrees to it.",
  },
  complaint: {
    name: "Complaint",
    sent: "Send it to your complaints team. They must acknowledge it within 3 working days.",
    hint: "When the person wants a formal answer. The clock of 3 working days starts when you make the draft.",
  },
  lfpse: {
    name: "Patient safety event (LFPSE)",
    sent: "Enter it in your risk system, which passes it on to LFPSE.",
    hint: "When something could have harmed or did harm a patient. Write no name of a patient or of staff.",
  },
  safeguarding: {
    name: "Safeguarding",
    sent: "Phone your safeguarding team first, then send it. If somebody is in danger now, call 999.",
    hint: "When a child or an adult may be at risk. Consent is wished for, but safety comes first.",
  },
};

const WHO: Readonly<Record<Stream, string>> = { patient: "a patient", carer: "a carer", staff: "a member of staff" };
const SHARED: Readonly<Record<Way, string>> = {
  open: "The person agreed that their name may be used. Add it only if it is needed.",
  confidential: "The person is known to the guardian only. Do not try to find out who it is, and do not pass on who it may be.",
  anonymous: "Nobody knows who the person is. Do not try to find out.",
};

/** Lines that every hand-off begins with: where it comes from and what must be kept to. */
function opening({ reference, org_name, stream, way, received }: About): string[] {
  return [
    `Reference: ${reference}`,
    `Place: ${org_name}`,
    `Raised by ${WHO[stream]}, received on ${received}.`,
    SHARED[way],
    "",
  ];
}

const QUESTIONS: Readonly<Record<HandOffKind, readonly string[]>> = {
  pals: ["What the person would like help with:", "How they can be reached, if they agreed to it:", "What has been done so far:"],
  complaint: [
    "What the complaint is about (each matter on a line of its own):",
    "What the person would like to happen:",
    "Whether the person agreed to a formal complaint, and when:",
    "How they would like to be answered:",
  ],
  lfpse: [
    "Type of event (incident, risk, outcome of concern, good care):",
    "What happened, without names:",
    "When and where:",
    "Physical harm (none, low, moderate, severe, fatal):",
    "Psychological harm (none, low, moderate, severe):",
    "What was done at once:",
  ],
  safeguarding: [
    "Who may be at risk (a child or an adult, age if known; a name only if you must):",
    "What was said or seen:",
    "Is anybody in danger now? What was done:",
    "Does the person who spoke up know of this, and do they agree? If not, why it is passed on:",
  ],
};

/** A draft that leads the writer through what the receiver needs; the answers are theirs to write. */
export function template(kind: HandOffKind, about: About): string {
  const elements = about.elements.length ? [`What it is about: ${about.elements.join(", ")}`, ""] : [];
  return [...opening(about), ...elements, ...QUESTIONS[kind].flatMap((question) => [question, "", ""])].join("\n").trimEnd() + "\n";
}

/** A name for the file that a draft is saved as: no name of a place or of a person. */
export function fileName(kind: HandOffKind, reference: string): string {
  return `${reference}-${kind}.txt`;
}
