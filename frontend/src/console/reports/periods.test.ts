import { describe, expect, it } from "vitest";
import { readMonths, spans } from "./periods";

const days = (today: string): Record<string, string> =>
  Object.fromEntries(spans(today).map(({ key, since, until }) => [key, `${since} ${until}`]));

describe("the months of a report", () => {
  it("have all ended", () =>
    expect(days("2026-11-22")).toEqual({
      quarter: "2026-07-01 2026-09-30",
      month: "2026-10-01 2026-10-31",
      year: "2025-11-01 2026-10-31",
    }));

  it("go back over the turn of a year", () =>
    expect(days("2026-01-01")).toEqual({
      quarter: "2025-10-01 2025-12-31",
      month: "2025-12-01 2025-12-31",
      year: "2025-01-01 2025-12-31",
    }));

  it("follow what was in view before, and are the last quarter where nothing was", () => {
    expect(readMonths({ when: "year" }, "2026-11-22").key).toBe("year");
    expect(readMonths({ period: "month" }, "2026-11-22").key).toBe("month");
    expect(readMonths({}, "2026-11-22").key).toBe("quarter");
    expect(readMonths({ from: "2026-02-03", to: "2026-04-05" }, "2026-11-22")).toMatchObject({
      key: "dates",
      since: "2026-02-03",
      until: "2026-04-05",
    });
    expect(readMonths({ from: "soon", to: "2026-04-05" }, "2026-11-22").key).toBe("quarter");
  });
});
