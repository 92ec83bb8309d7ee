import type { Correction, Identifier } from "@/api/types";
import { SENTIMENT_WORDS } from "@/ui/words";

/** What can identify a person, as the redaction names it and as people read it. */
export const IDENTIFIERS: readonly { value: Identifier; words: string }[] = [
  { value: "name", words: "A name" },
  { value: "phone", words: "A phone number" },
  { value: "e-mail", words: "An e-mail address" },
  { value: "address", words: "An address" },
  { value: "postcode", words: "A postcode" },
  { value: "date of birth", words: "A date of birth" },
  { value: "NHS number", words: "An NHS number" },
  { value: "hospital number", words: "A hospital number" },
  { value: "other", words: "Something else that shows who it is" },
];

/** What a person did, as a sentence that follows their name. */
export function correctionWords({ kind, theme, present, sentiment, identifier }: Correction): string {
  if (kind === "theme") return `${present ? "added" : "removed"} the theme “${theme ?? ""}”`;
  if (kind === "sentiment") return `set the feeling to “${sentiment ? SENTIMENT_WORDS[sentiment] : ""}”`;
  if (kind === "risk") return present ? "said that it tells of immediate risk" : "said that it does not tell of immediate risk";
  if (kind === "checked") return "said that everything shown is right";
  const what = IDENTIFIERS.find(({ value }) => value === identifier)?.words ?? "Something";
  return `took out words that identify someone (${what.toLowerCase().replace("nhs", "NHS")})`;
}
