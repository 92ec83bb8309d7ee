import { describe, expect, it } from "vitest";
import { asked, emptyForm, formOf, taken, wrongs } from "./subscriptionForm";

const GOOD = emptyForm("oak");
const fields = (some: object): string[] => wrongs({ ...GOOD, ...some }).map(({ field }) => field);

describe("the form of a subscription", () => {
  it("begins as something that can be sent once a place is chosen", () => {
    expect(wrongs(GOOD)).toEqual([]);
    expect(wrongs(emptyForm(null)).map(({ message }) => message)).toEqual(["Choose an organisation"]);
  });

  it("asks for what is missing or cannot be", () => {
    expect(fields({ channels: [] })).toEqual(["subscribe-channel-in_app"]);
    expect(fields({ channels: ["webhook"], webhook: "http://plain.example", cadence: "at_once" })).toEqual(["subscribe-webhook"]);
    expect(fields({ channels: ["webhook"], webhook: "https://here.example/in" })).toEqual(["subscribe-cadence"]);
    expect(fields({ at: "25:00" })).toEqual(["subscribe-at"]);
    expect(fields({ at: "", cadence: "hourly" })).toEqual([]);
    expect(fields({ quietFrom: "07:00" })).toEqual(["subscribe-quiet-until"]);
    expect(fields({ quietFrom: "", quiet: false })).toEqual([]);
    expect(["0", "-3", "2.5", "101", "ten"].flatMap((cap) => fields({ cap }))).toHaveLength(5);
  });

  it("says no more than was asked for", () => {
    const sent = asked({ ...GOOD, quiet: false, cap: "", least: "2", webhook: "https://left.example/over" });
    expect(sent).toMatchObject({ org_id: "oak", quiet_from: null, quiet_until: null, weekly_cap: null, least_ratio: 2, webhook_url: null });
  });

  it("gives back what was saved, the seconds of the server's times left out", () => {
    const saved = asked({ ...GOOD, cadence: "weekly", weekday: 5, themes: ["Discharge"], cap: "7" });
    expect(formOf({ ...saved, at_time: "08:00:00", quiet_from: "20:00:00" })).toEqual(formOf(saved));
    expect(asked(formOf(saved))).toEqual(saved);
  });

  it("knows a suggestion that was taken, whatever its hour or channels", () => {
    const wanted = asked({ ...GOOD, kinds: ["rise", "fall"] });
    expect(taken(wanted, [{ ...wanted, kinds: ["fall", "rise"], at_time: "09:00", channels: ["atom"] }])).toBe(true);
    expect(taken(wanted, [{ ...wanted, cadence: "weekly" }, { ...wanted, org_id: "elm" }, { ...wanted, kinds: [] }])).toBe(false);
  });
});
