import { describe, expect, it } from "vitest";
import { readSignalFilters, signalAsk, writeSignalFilters } from "./signalFilters";
import { STATES } from "./signalWords";

const NONE = { kinds: [], meanings: [], states: [], unowned: false };

describe("the filters of signals", () => {
  it("are read as they were written", () => {
    const filters = { ...NONE, kinds: ["silence" as const, "rise" as const], states: ["closed" as const], unowned: true };
    const query = writeSignalFilters(filters);
    expect(query).toEqual({ kind: ["silence", "rise"], meaning: undefined, state: ["closed"], unowned: "true" });
    expect(readSignalFilters({ kind: ["silence", "rise"], state: "closed", unowned: "true" })).toEqual({
      ...filters,
      kinds: ["rise", "silence"],
    });
  });

  it("leave out what they do not understand", () => {
    expect(readSignalFilters({ kind: "volcano", state: ["new", "lost"], meaning: null, unowned: "maybe" })).toEqual({
      ...NONE,
      states: ["new"],
    });
  });

  it("say all states in one word", () => {
    expect(readSignalFilters({ state: "all" }).states).toEqual(STATES);
    expect(writeSignalFilters({ ...NONE, states: [...STATES] }).state).toBe("all");
    expect(signalAsk({ ...NONE, states: [...STATES] })["state"]).toHaveLength(6);
  });
});
