// @vitest-environment jsdom
import { enableAutoUnmount, flushPromises, mount, RouterLinkStub } from "@vue/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { COMMENT } from "@/ui/samples";
import { signIn } from "../session";
import CommentCard from "./CommentCard.vue";

const card = () => mount(CommentCard, { props: { comment: COMMENT }, global: { stubs: { RouterLink: RouterLinkStub } } });
const ANSWERS: Record<string, unknown> = { "/api/orgs": [], "/api/frameworks": { frameworks: [], mappings: [] } };
afterEach(() => vi.unstubAllGlobals());
enableAutoUnmount(afterEach); // who is signed in is shared: a card that stayed would be drawn again in another file

/** Signs in somebody who may do this, by the same calls as the page. */
async function signedIn(may: string[]): Promise<void> {
  vi.stubGlobal("fetch", (url: string) => Promise.resolve(Response.json(ANSWERS[url] ?? { may, need: "nothing" })));
  await signIn("someone@example.org", "a long password");
}

describe("CommentCard", () => {
  it("shows what people wrote as text, never as a page", () => {
    const view = card();
    expect(view.find("img").exists()).toBe(false);
    expect(view.get(".ear-text").text()).toContain("<img src=x onerror=alert(1)>");
  });

  it("names theme, certainty, language and why", () => {
    const words = card().text();
    for (const part of ["Staff manner 87%", "Polish", "Answered “Don’t know”", "kind", "1.25", "may not be in English"])
      expect(words).toContain(part);
  });

  it("puts a possible risk first, in plain words, with how sure it is and what told of it", () => {
    const safety = [{ kind: "abuse_or_neglect" as const, p: 0.914, start: 13, end: 17 }];
    const view = mount(CommentCard, {
      props: { comment: { ...COMMENT, safety } },
      global: { stubs: { RouterLink: RouterLinkStub } },
    });
    expect(view.get(".ear-risk").text()).toContain("Someone may be abused or neglected, 91% sure: kind");
    expect(view.get(".ear-text .ear-danger").text()).toBe("kind");
    expect(view.html().indexOf("ear-risk")).toBeLessThan(view.html().indexOf("ear-text"));
    expect(card().find(".ear-risk").exists()).toBe(false);
  });

  it("lets a person's word on risk stand above the computer's", () => {
    const safety = [{ kind: "danger_now" as const, p: 0.9, start: 13, end: 17 }];
    const told = (risk_by_person: boolean) =>
      mount(CommentCard, {
        props: { comment: { ...COMMENT, safety: risk_by_person ? [] : safety, risk_by_person } },
        global: { stubs: { RouterLink: RouterLinkStub } },
      });
    expect(told(true).get(".ear-risk").text()).toContain("A person says: this tells of immediate risk");
    expect(told(false).text()).toContain("not an immediate risk");
    expect(told(false).find(".ear-risk, .ear-danger").exists()).toBe(false);
  });

  it("says what a person decided instead of a probability", () => {
    const themes = [{ theme: "Parking", p: 0, words: [], by_person: true }];
    const view = mount(CommentCard, {
      props: { comment: { ...COMMENT, language: "en", themes, sentiment_by_person: true, corrected: true } },
      global: { stubs: { RouterLink: RouterLinkStub } },
    });
    expect(view.get(".ear-theme").text()).toContain("a person says");
    expect(view.get(".ear-comment__feeling").text()).toContain("a person says");
    expect(view.text()).toContain("Corrected by a person");
    expect(view.text()).not.toContain("%");
  });

  it("shows apart what was considered, where the computer can read the language", () => {
    const considered = [{ theme: "Parking", p: 0.31 }];
    const view = (language: string) =>
      mount(CommentCard, {
        props: { comment: { ...COMMENT, language, considered } },
        global: { stubs: { RouterLink: RouterLinkStub } },
      });
    expect(view("en").get(".ear-considered").text()).toContain("Parking 31%");
    expect(view("en").get(".ear-comment__themes").text()).not.toContain("Parking");
    expect(view("pl").find(".ear-considered").exists()).toBe(false);
  });

  it("never gives a probability for having found no theme", () => {
    const themes = [{ theme: "Not assigned", p: 0.6, words: [], by_person: false }];
    const view = mount(CommentCard, {
      props: { comment: { ...COMMENT, language: "en", sentiment: null, themes } },
      global: { stubs: { RouterLink: RouterLinkStub } },
    });
    expect(view.text()).toContain("No theme was found");
    expect(view.text()).not.toContain("%");
  });

  it("marks the words of a theme while it is focused, and keeps them once it is chosen", async () => {
    const view = card();
    const theme = view.get(".ear-theme");
    expect(view.findAll("mark")).toHaveLength(0);
    await theme.trigger("focus");
    expect(view.get("mark").text()).toBe("kind");
    await theme.trigger("click");
    await theme.trigger("blur");
    expect(view.get("mark").text()).toBe("kind");
    expect(theme.attributes("aria-pressed")).toBe("true");
  });

  it("offers no such button to those who may only read", async () => {
    await signedIn(["comments"]);
    expect(card().find(".ear-comment__waits button").exists()).toBe(false);
  });

  it("stops waiting only after the server has heard that someone looked", async () => {
    await signedIn(["comments", "review"]);
    const calls: string[] = [];
    vi.stubGlobal("fetch", (url: string) => {
      calls.push(url);
      return Promise.resolve(new Response(null, { status: calls.length === 1 ? 500 : 204 }));
    });
    const view = card();
    await view.get(".ear-comment__waits button").trigger("click");
    await flushPromises();
    expect(view.get(".nhsuk-error-message").text()).toContain("Try again");
    await view.get(".ear-comment__waits button").trigger("click");
    await flushPromises();
    expect(calls).toEqual(["/api/comments/c-1/looked-at", "/api/comments/c-1/looked-at"]);
    expect(view.text()).toContain("no longer waits");
    expect(view.emitted("lookedAt")).toHaveLength(1);
  });
});
