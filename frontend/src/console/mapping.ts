import type { Mapping } from "@/api/types";

/** What a column of a file may hold. Text and organisation may be held by several columns, the others by one. */
export type Holds = "" | "text" | "date" | "fft" | "question" | "audience" | "source_id" | "respondent" | "org";
type Single = Exclude<Holds, "" | "text" | "org">;

export const HOLDS: readonly { holds: Holds; words: string }[] = [
  { holds: "", words: "Leave out" },
  { holds: "text", words: "What was said" },
  { holds: "date", words: "The date" },
  { holds: "fft", words: "Friends and Family answer" },
  { holds: "question", words: "The question" },
  { holds: "audience", words: "Patient, carer or staff" },
  { holds: "org", words: "Organisation" },
  { holds: "source_id", words: "The row’s own number" },
  { holds: "respondent", words: "The person’s number (kept apart)" },
];

const SINGLES: readonly Single[] = ["date", "fft", "question", "audience", "source_id", "respondent"];

/** What this column holds by the mapping. */
export function holdsOf(mapping: Mapping, column: string): Holds {
  if (mapping.text.includes(column)) return "text";
  if (mapping.org.includes(column)) return "org";
  return SINGLES.find((single) => mapping[single] === column) ?? "";
}

/** The mapping with one column put to another use; what it held before it no longer holds. */
export function withColumn(mapping: Mapping, column: string, holds: Holds): Mapping {
  const next: Mapping = {
    ...mapping,
    text: mapping.text.filter((one) => one !== column),
    org: mapping.org.filter((one) => one !== column),
  };
  for (const single of SINGLES) if (next[single] === column) next[single] = null;
  if (holds === "text") next.text = [...next.text, column];
  else if (holds === "org") next.org = [...next.org, column];
  else if (holds !== "") next[holds] = column;
  return next;
}

/** What is still missing before a file can be brought in, in words; nothing when it is ready. */
export function missing(mapping: Mapping): string[] {
  const found: string[] = [];
  if (!mapping.text.length && !mapping.fft) found.push("Say which column holds what was said, or the Friends and Family answer.");
  if (!mapping.date && !mapping.default_date)
    found.push("Say which column holds the date, or give one date for the whole file.");
  if (!mapping.org.length && !mapping.org_code)
    found.push("Say which column holds the organisation, or choose one organisation for the whole file.");
  return found;
}
