import { describe, expect, it } from "vitest";
import type { Posted } from "@/api/post";
import { fateWords, firstDigest, MAIL_STATE_WORDS, wayWords } from "./mailWords";

const NOW = new Date("2026-11-22T12:00:00Z");
const MAIL: Posted = {
  id: "1",
  name: "Ada",
  address: "ada@invented.example",
  kind: "digest",
  state: "waiting",
  why: null,
  attempts: 0,
  posted_at: "2026-11-22T08:00:00Z",
  due_at: "2026-11-22T13:00:00Z",
  tried_at: null,
  settled_at: null,
  may_send_again: false,
};

describe("what became of a mail", () => {
  it("says when it is tried again, only while it waits", () => {
    expect(wayWords(MAIL, NOW)).toMatch(/^Since 22 Nov.*, not tried yet$/);
    expect(wayWords({ ...MAIL, attempts: 3 }, NOW)).toMatch(/, tried 3 times, again at 22 Nov/);
    expect(wayWords({ ...MAIL, attempts: 1, state: "refused" }, NOW)).toMatch(/, tried once$/);
    expect(wayWords({ ...MAIL, attempts: 1, state: "sent", settled_at: "2026-11-22T08:01:00Z" }, NOW)).toMatch(/^22 Nov/);
  });

  it("gives the reason where there is one", () => {
    expect(fateWords(null)).toBe("Not sent by e-mail.");
    expect(fateWords({ state: "refused", why: "The address is not known there.", since: MAIL.posted_at })).toMatch(
      /^Refused: 22 November 2026.*\. The address is not known there\.$/,
    );
  });

  it("never claims that a mail was sent where nobody knows", () => expect(MAIL_STATE_WORDS.maybe_sent.name).toBe("Perhaps sent"));
});

describe("the digest that is shown first", () => {
  it("is one that comes by e-mail and has not ended, and the weekly one otherwise", () => {
    const daily = { cadence: "daily", channels: ["mail"], ended_on: null } as const;
    expect(firstDigest([{ ...daily, channels: ["mail"] }])).toBe("daily");
    expect(firstDigest([{ ...daily, channels: ["in_app"] }, { ...daily, channels: ["mail"], ended_on: "2026-11-01" }])).toBe("weekly");
    expect(firstDigest([{ ...daily, cadence: "at_once", channels: ["mail"] }])).toBe("weekly");
    expect(firstDigest([])).toBe("weekly");
  });
});
