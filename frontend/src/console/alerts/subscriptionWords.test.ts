import { describe, expect, it } from "vitest";
import type { Subscription } from "@/api/alerts";
import { clock, howWords, limitWords, nth, sentenceOf, stateWords, whatWords, whenWords, zoneWords } from "./subscriptionWords";

const BASE: Subscription = {
  id: "1",
  org_id: "oak",
  org_name: "Ward Oak",
  in_sight: true,
  sentence: "",
  streams: ["patient", "carer"],
  themes: [],
  kinds: [],
  least_ratio: null,
  channels: ["mail", "in_app"],
  cadence: "daily",
  at_time: "08:00",
  weekday: 1,
  month_day: 1,
  time_zone: "Europe/London",
  quiet_from: null,
  quiet_until: null,
  weekly_cap: null,
  webhook_url: null,
  snoozed_until: null,
  next_due: null,
  made_on: "2026-11-22",
  ended_on: null,
};

describe("a subscription in plain words", () => {
  it("says when, what, where, of whom and how in one sentence", () => {
    expect(sentenceOf(BASE)).toBe(
      "Every day at 8am, tell me of everything that stands out at Ward Oak, from patients and carers, here in Earshot and by e-mail.",
    );
    expect(sentenceOf({ ...BASE, streams: [], channels: ["atom"], cadence: "at_once", kinds: ["one_comment"] })).toBe(
      "At once, tell me of single comments that may tell of risk at Ward Oak, in a news feed.",
    );
  });

  it("names days and hours as people do", () => {
    expect(["00:00", "08:00", "08:30", "12:00", "12:15", "20:05:00", "soon"].map(clock)).toEqual([
      "midnight", "8am", "8:30am", "midday", "12:15pm", "8:05pm", "soon",
    ]);
    expect([1, 2, 3, 11, 12, 13, 21, 22, 23, 28].map(nth).join(" ")).toBe("1st 2nd 3rd 11th 12th 13th 21st 22nd 23rd 28th");
    expect(whenWords({ ...BASE, cadence: "weekly", weekday: 7 })).toBe("Every Sunday at 8am");
    expect(whenWords({ ...BASE, cadence: "monthly", month_day: 2, at_time: "13:00" })).toBe("On the 2nd of every month at 1pm");
    expect(whenWords({ ...BASE, cadence: "hourly" })).toBe("Every hour");
    expect(zoneWords("America/New_York")).toBe("New York time");
  });

  it("says what is wanted and how strong it must be", () => {
    expect(whatWords({ kinds: ["rise", "silence"], themes: ["Discharge"], least_ratio: 2 })).toBe(
      "more complaints and silence, about Discharge, at least 2 times what is usual",
    );
    expect(whatWords({ kinds: [], themes: [], least_ratio: 1 })).toBe("everything that stands out");
  });

  it("keeps the same order of channels, however they were ticked", () =>
    expect(howWords(["calendar", "mail"])).toBe(howWords(["mail", "calendar"])));

  it("tells of quiet hours and the cap only where there are any", () => {
    expect(limitWords(BASE)).toEqual([]);
    expect(limitWords({ quiet_from: "22:00", quiet_until: "07:00", weekly_cap: 10 })).toEqual([
      "Quiet from 10pm to 7am, except for immediate risk.",
      "At most 10 a week, the most telling first.",
    ]);
  });

  it("says whether it is ended, asleep or due", () => {
    const now = new Date("2026-11-22T12:00:00Z");
    expect(stateWords({ ...BASE, ended_on: "2026-11-20" }, now)).toBe("Ended on 20 November 2026.");
    expect(stateWords({ ...BASE, snoozed_until: "2026-11-29T08:00:00Z" }, now)).toMatch(/^Snoozed until 29 Nov/);
    expect(stateWords({ ...BASE, snoozed_until: "2026-11-21T08:00:00Z", next_due: "2026-11-23T08:00:00Z" }, now)).toMatch(/^Next: 23 Nov/);
    expect(stateWords(BASE, now)).toBe("");
    expect(stateWords({ ...BASE, in_sight: false }, now)).toMatch(/no longer reach/);
  });
});
