import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, nextTick } from "vue";
import { cases } from "@/api/caseEndpoints";
import { type OneCase, useCase } from "./useCase";
import { useDraft } from "./useDraft";

let version: number;
let sent: string[];
let leave: () => void;
let one: OneCase;

async function answer(_address: string, init: RequestInit): Promise<Response> {
  if ((init.method ?? "GET") === "GET") return Response.json({ case: { id: "c-1", version }, locks: [], texts: [] });
  const seen = new Headers(init.headers).get("if-match");
  if (seen !== `"${version}"`) return Response.json({ title: "Stale", detail: "Somebody else changed this case." }, { status: 412 });
  sent.push(String(init.body));
  version += 1;
  return Response.json({ id: "c-1", version });
}

const settled = async (): Promise<void> => {
  await new Promise((go) => setTimeout(go));
  await nextTick();
};
const write = (text: string): Promise<boolean> => one.act((seen) => cases.message(seen, text), "Sent.");

beforeEach(async () => {
  [version, sent] = [3, []];
  vi.stubGlobal("fetch", answer);
  const scope = effectScope();
  one = scope.run(() => useCase(() => "c-1")) as OneCase;
  leave = () => scope.stop();
  await settled();
});
afterEach(() => {
  leave();
  vi.unstubAllGlobals();
});

describe("one case", () => {
  it("is changed upon the version in view, and read again", async () => {
    expect(await write("one")).toBe(true);
    expect(one.detail?.case.version).toBe(4);
    expect(one.said).toBe("Sent.");
    expect(await write("two")).toBe(true);
    expect(sent).toHaveLength(2);
  });

  it("sends nothing over what somebody else did, until it was loaded again; what was typed is kept", async () => {
    const typed = useDraft(() => "c-1", "message");
    typed.value = "Which Sunday?";
    version = 4;
    expect(await write(typed.value)).toBe(false);
    expect([one.stale, one.trouble, sent.length]).toEqual([true, null, 0]);
    version = 3; // even if the versions met again by chance
    expect(await write(typed.value)).toBe(false);
    version = 4;
    await one.again();
    expect([one.stale, typed.value]).toEqual([false, "Which Sunday?"]);
    expect(await write(typed.value)).toBe(true);
  });

  it("says what else went wrong, and does not take it for a conflict", async () => {
    vi.stubGlobal("fetch", async () => Response.json({ title: "Closed", detail: "This case is closed. Open it again first." }, { status: 409 }));
    expect(await write("late")).toBe(false);
    expect([one.stale, one.trouble]).toEqual([false, "This case is closed. Open it again first."]);
  });
});

it("drafts of different cases and kinds do not mix, and an emptied one is forgotten", () => {
  const [here, there] = [useDraft(() => "c-1", "note"), useDraft(() => "c-2", "note")];
  here.value = "Ask the matron.";
  expect([here.value, there.value]).toEqual(["Ask the matron.", ""]);
  here.value = "";
  expect(useDraft(() => "c-1", "note").value).toBe("");
});

