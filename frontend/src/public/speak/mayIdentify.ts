/** What in a text may show who wrote it. Pure: it looks, on this device, and tells nobody. */

/** One thing that was found: the words as they stand in the text, and what to think about. */
export interface Hint {
  readonly kind: string;
  readonly words: string;
  readonly advice: string;
}

interface Rule {
  readonly kind: string;
  readonly pattern: RegExp;
  readonly advice: string;
}

const MONTH = "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";
const COUNT = "two|three|four|five|six|2|3|4|5|6";
const ROLE =
  "matron|ward manager|ward clerk|practice manager|clinical (?:lead|director|educator)|lead nurse|head of [a-z]+|" +
  "specialist (?:nurse|midwife)|chaplain|perfusionist|audiologist|play specialist|foundation doctor|f[12]|" +
  "registrar|student (?:nurse|midwife|paramedic)|apprentice|bank nurse|agency nurse|locum";

const RULES: readonly Rule[] = [
  {
    kind: "e-mail address",
    pattern: /[\w.+-]+@[\w-]+\.[\w.-]*\w/u,
    advice: "An e-mail address says who it belongs to. Leave it out, unless it is needed.",
  },
  {
    kind: "telephone number",
    pattern: /(?<!\d)(?:\+44\s?|0)\d(?:[\s-]?\d){8,9}(?!\d)/u,
    advice: "A telephone number says who it belongs to. Leave it out, unless it is needed.",
  },
  {
    kind: "long number",
    pattern: /(?<!\d)\d{3}[\s-]?\d{3}[\s-]?\d{4}(?!\d)/u,
    advice: "A number like this can belong to one person only.",
  },
  {
    kind: "postcode",
    pattern: /\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b/u,
    advice: "A postcode can point to one home.",
  },
  {
    kind: "name",
    pattern: /\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Doctor|Prof|Professor|Sister|Nurse|Matron|Consultant)\.?\s+\p{Lu}[\p{L}'’-]+/u,
    advice: "If you name someone, others may guess who wrote this. You can use a role instead.",
  },
  {
    kind: "date",
    pattern: new RegExp(
      `\\b\\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:${MONTH})\\b|\\b(?:${MONTH}) \\d{1,2}(?:st|nd|rd|th)?\\b|\\b\\d{1,2}[/.]\\d{1,2}[/.]\\d{2,4}\\b`,
      "iu",
    ),
    advice: "A rota shows who worked on that day. You can say “last week” or “in March”.",
  },
  {
    kind: "time",
    pattern: /\b(?:[01]?\d|2[0-3])[:.][0-5]\d\b|\b(?:1[0-2]|[1-9])\s?[ap]\.?m\b/iu,
    advice: "An exact time can show who was there. You can say “at night” or “in the morning”.",
  },
  {
    kind: "only one",
    pattern: /\b(?:I (?:was|am)|I['’]m|I were) the only\b[^.!?\n]{0,40}|\b(?:only I|just me|nobody else|no one else) (?:was|were|knew|saw|heard)\b/iu,
    advice: "If you were the only one, this may say who you are.",
  },
  {
    kind: "small team",
    pattern: new RegExp(`\\bteam of (?:${COUNT})\\b|\\b(?:only |just )?(?:the )?(?:${COUNT}) of us\\b|\\bboth of us\\b`, "iu"),
    advice: "In a small team there are few people who can have written this.",
  },
  {
    kind: "role",
    pattern: new RegExp(`\\b(?:I am|I['’]m|I was|as) (?:a|an|the|our) (?:[a-z]+ )?(?:${ROLE})\\b`, "iu"),
    advice: "Few people have this role here. You can say “a colleague” or “staff”.",
  },
  {
    kind: "time served",
    pattern: /\b(?:I have|I['’]ve) (?:worked|been) (?:here|on|in)\b[^.!?\n]{0,30}\b(?:\d+|[a-z]+) (?:years|months|weeks)\b|\bsince (?:19|20)\d\d\b/iu,
    advice: "How long you have been here can point to you.",
  },
  {
    kind: "said before",
    pattern: /\b(?:I (?:told|e-?mailed|wrote to|reported (?:it|this) to)|as I said (?:to|in)|my (?:e-?mail|grievance|complaint|sick leave|appraisal))\b[^.!?\n]{0,30}/iu,
    advice: "Whoever you told before may know that this is you.",
  },
];

const WARD = /\b(?:[Ww]ard|[Bb]ay|[Uu]nit|[Tt]heatre|[Cc]linic)\s+(?:\d+\w*|[A-Z]\w*)/u;
const SHIFT = /\b(?:(?:night|late|early|twilight|long day)s? shifts?|on nights?|at night|weekends?|bank holiday)\b/iu;
const PLACE_AND_SHIFT = "A ward together with a shift leaves few people who can have written this.";
const LONGEST = 60;

/** Everything in a text that may show who wrote it: at most one hint of each kind, in the order of the text. */
export function mayIdentify(text: string): Hint[] {
  const found: { at: number; hint: Hint }[] = [];
  const covered: string[] = [];
  for (const { kind, pattern, advice } of RULES) {
    const match = pattern.exec(text);
    const words = match?.[0].trim().slice(0, LONGEST);
    if (!match || !words || covered.some((other) => other.includes(words))) continue;
    covered.push(words);
    found.push({ at: match.index, hint: { kind, words, advice } });
  }
  const [ward, shift] = [WARD.exec(text), SHIFT.exec(text)];
  if (ward && shift) {
    found.push({ at: ward.index, hint: { kind: "ward and shift", words: `${ward[0]}, ${shift[0]}`, advice: PLACE_AND_SHIFT } });
  }
  return found.sort((one, other) => one.at - other.at).map((each) => each.hint);
}
