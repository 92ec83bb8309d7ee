import { describe, expect, it } from "vitest";
import type { Alert } from "@/api/alerts";
import { bellWords, clockWords, longWords, newsWords, pressingFirst } from "./alertWords";

const NOW = new Date("2026-11-22T12:00:00Z");
const BASE: Alert = {
  id: "1",
  signal_id: "s",
  kind: "rise",
  meaning: "concern",
  mark: "C",
  sentence: "More complaints.",
  org_id: "o",
  org_name: "Ward Oak",
  since: "2026-11-01",
  until: "2026-11-21",
  state: "new",
  open: true,
  urgent: false,
  why: "subscribed",
  why_sentence: "You subscribed to this.",
  made_at: "2026-11-22T08:00:00Z",
  told_at: null,
  seen_at: null,
  due_at: null,
  overdue: false,
  deliveries: [],
  path: "/signals/s",
};
const urgent = (due_at: string, more: Partial<Alert> = {}): Alert => ({ ...BASE, kind: "one_comment", urgent: true, due_at, ...more });

describe("alerts in words", () => {
  it("says how long is left, and how long it is overdue", () => {
    expect(clockWords(urgent("2026-11-22T12:25:00Z"), NOW)).toMatch(/^Acknowledge it within 25 minutes, by 22 Nov/);
    expect(clockWords(urgent("2026-11-22T09:00:00Z"), NOW)).toMatch(/^Overdue for 3 hours: /);
  });

  it("stops the clock once somebody has acknowledged it", () => {
    expect(clockWords(urgent("2026-11-22T09:00:00Z", { state: "acknowledged", open: false }), NOW)).toBeNull();
    expect(clockWords(BASE, NOW)).toBeNull();
  });

  it("names spans of time by their size", () =>
    expect([1, 59 * 60_000, 119 * 60_000, 47 * 3_600_000, 71 * 3_600_000].map(longWords)).toEqual([
      "1 minute", "59 minutes", "1 hour", "47 hours", "2 days",
    ]));

  it("puts the clock that ends soonest first, and leaves the rest in its order", () => {
    const told = [
      { ...BASE, id: "new" },
      urgent("2026-11-22T13:00:00Z", { id: "later" }),
      { ...BASE, id: "old" },
      urgent("2026-11-22T09:00:00Z", { id: "overdue" }),
      urgent("2026-11-22T08:00:00Z", { id: "done", open: false }),
    ];
    expect(pressingFirst(told).map(({ id }) => id)).toEqual(["overdue", "later", "new", "old", "done"]);
  });

  it("tells the bell's count, and says only what has come", () => {
    expect(bellWords({ unseen: 0, urgent: 0 })).toBe("Alerts: none new");
    expect(bellWords({ unseen: 12, urgent: 1 })).toBe("Alerts: 12 new, 1 urgent");
    expect(newsWords({ unseen: 1, urgent: 0 }, { unseen: 3, urgent: 0 })).toBe("2 new alerts.");
    expect(newsWords({ unseen: 1, urgent: 0 }, { unseen: 2, urgent: 1 })).toBe("1 urgent alert to look at now.");
    expect(newsWords({ unseen: 3, urgent: 1 }, { unseen: 1, urgent: 1 })).toBe("");
  });
});
