import { describe, expect, it } from "vitest";
import type { QualityReport } from "@/api/reports";
import { sizeWords, versions } from "./versions";

function report(id: string, extra: Partial<QualityReport> = {}): QualityReport {
  return {
    id,
    org_id: "o-1",
    org_name: "Larkhill Trust",
    since: "2026-07-01",
    until: "2026-09-30",
    streams: ["patient", "carer"],
    version: 1,
    state: "ready",
    done: 5,
    steps: 5,
    same_as: null,
    late: false,
    newest: true,
    asked_by: "Bea",
    asked_on: "2026-10-02",
    made_on: "2026-10-02",
    files: [],
    ...extra,
  };
}

describe("the versions of reports", () => {
  it("stand together with the newest first, whatever the order of streams", () => {
    const all = [report("a"), report("b", { version: 2, streams: ["carer", "patient"] }), report("c", { org_id: "o-2" })];
    expect(versions(all).map(({ newest, earlier }) => [newest.id, earlier.map(({ id }) => id)])).toEqual([
      ["b", ["a"]],
      ["c", []],
    ]);
  });

  it("leave out what is not made", () => {
    const all = [report("a", { state: "making", version: null }), report("b", { state: "failed" }), report("c", { state: "unchanged" })];
    expect(versions(all)).toEqual([]);
  });

  it("say how large a file is", () => expect([200, 84_400, 2_345_678].map(sizeWords)).toEqual(["1 KB", "84 KB", "2.3 MB"]));
});
