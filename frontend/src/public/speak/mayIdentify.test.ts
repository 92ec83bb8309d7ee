import { describe, expect, it } from "vitest";
import { mayIdentify } from "./mayIdentify";

const kinds = (text: string): string[] => mayIdentify(text).map((hint) => hint.kind);

describe("what may identify the writer", () => {
  it.each([
    ["Dr O'Neill shouted at the nurse.", "name", "Dr O'Neill"],
    ["I saw Sister Okafor leave.", "name", "Sister Okafor"],
    ["It was on 12 March.", "date", "12 March"],
    ["On the 3rd of june it was worse.", "date", "3rd of june"],
    ["On 03/06/2026 it was worse.", "date", "03/06/2026"],
    ["At 02:30 the alarm rang.", "time", "02:30"],
    ["At 3 am the alarm rang.", "time", "3 am"],
    ["I was the only nurse on the floor.", "only one", "I was the only nurse on the floor"],
    ["Nobody else was there.", "only one", "Nobody else was"],
    ["We are a team of three.", "small team", "team of three"],
    ["There are just the two of us.", "small team", "just the two of us"],
    ["I am the ward clerk.", "role", "I am the ward clerk"],
    ["As a student midwife I was told to wait.", "role", "As a student midwife"],
    ["I have worked here for 22 years.", "time served", "I have worked here for 22 years"],
    ["I told my manager in June.", "said before", "I told my manager in June"],
    ["Ring me on 07700 900123.", "telephone number", "07700 900123"],
    ["Write to nora@invented.example please.", "e-mail address", "nora@invented.example"],
    ["The number is 943 476 5919.", "long number", "943 476 5919"],
    ["She lives at LS1 4AP.", "postcode", "LS1 4AP"],
  ])("finds it in “%s”", (text, kind, words) => {
    expect(mayIdentify(text)).toContainEqual(expect.objectContaining({ kind, words }));
  });

  it("warns of a ward together with a shift, and of neither alone", () => {
    expect(kinds("On Ward 7 nobody came during the night shift.")).toContain("ward and shift");
    expect(kinds("On Ward 7 nobody came.")).toEqual([]);
    expect(kinds("Nobody came during the night shift.")).toEqual([]);
  });

  it.each([
    "Patients wait for hours and nobody tells them why.",
    "There were not enough staff, and the bells rang all the time.",
    "I saw that medicines were left on the table.",
    "The doctor was rude to a patient. She may fall again.",
    "I am a nurse and I am worried about safety.",
    "",
  ])("stays quiet about “%s”", (text) => expect(kinds(text)).toEqual([]));

  it("gives one hint of a kind, in the order of the text", () => {
    expect(kinds("At 02:30 Dr Ames came, and at 03:30 Dr Birch.")).toEqual(["time", "name"]);
  });

  it("is quick with long and hostile texts", () => {
    const began = performance.now();
    for (const part of ["I told ", "0 7 ", "the only ", "a@b.", "Dr "]) mayIdentify(part.repeat(2_500));
    expect(performance.now() - began).toBeLessThan(500);
  });
});
