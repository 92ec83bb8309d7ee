import { fromBase64, fromHex, toBase64, toHex } from "../../keys/bytes";
import { openText, openUnderReceipt, sealText, textHash, type TextKind } from "../../keys/caseKeys";
import { lookup, openBundle } from "../../keys/receipt";
import { showErrors, showTrouble } from "./errors";
import { showHints } from "./hints";
import { ask, NotSent } from "./sending";
import { copyOf, fill, filledIn, save, slot } from "./slots";
import { tidied } from "./speakPage";

const EVERY = 60_000; // milliseconds between two looks while the page is open and in view
const LONGEST_MESSAGE = 10_000;
const TOO_LONG = "This message is too long to be shown here.";

interface Text {
  readonly n: number;
  readonly kind: TextKind;
  readonly on: string;
  readonly by: string;
  readonly sealed: string;
}

interface Question {
  readonly code: string;
  readonly wording: string;
  readonly options: Readonly<Record<string, string>>;
}

/** What the server tells the holder of a receipt; the texts are sealed. */
interface Told {
  readonly case: string;
  readonly place: string;
  readonly public: string;
  readonly receipt_sealed: string;
  readonly status: string;
  readonly sentence: string;
  readonly events: readonly { readonly on: string; readonly words: string }[];
  readonly question: Question | null;
  readonly proof: { readonly day: string; readonly content_hash: string };
  readonly texts: readonly Text[];
  readonly more: boolean;
}

/** A case as the holder of its receipt sees it: opened on this device, and forgotten when the page is closed. */
export class CasePage {
  private told: Told | null = null;
  private readonly words = new Map<number, { readonly text: Text; readonly words: string }>();
  private report = { text: "", salt: "" }; // what the proof of filing is about
  private once = crypto.randomUUID();

  constructor(private readonly whole: HTMLElement, private readonly receipt: string) {}

  /** Opens the case; throws `Unreadable` where the receipt opens nothing, and `NotSent`. */
  async open(waiting?: (seconds: number) => void): Promise<void> {
    await this.load(waiting);
    const shown = copyOf(this.page, "case-page");
    this.whole.replaceChildren(shown);
    this.page.title = "Your report – Earshot";
    await this.show();
    this.listen();
    globalThis.scrollTo?.(0, 0);
    slot(this.whole, "heading").focus();
  }

  private get page(): Document {
    return this.whole.ownerDocument;
  }

  private async load(waiting?: (seconds: number) => void): Promise<void> {
    const key = await lookup(this.receipt);
    let told: Told;
    do {
      const after = Math.max(0, ...this.words.keys());
      const given = JSON.stringify({ lookup: toBase64(key), after });
      const { bundle } = (await ask("/api/v1/receipts", given, waiting)) as { bundle: string };
      told = (await openBundle(key, fromBase64(bundle))) as unknown as Told;
      await this.openTexts(told);
    } while (told.more);
    this.told = told;
  }

  private async openTexts(told: Told): Promise<void> {
    const secret = await openUnderReceipt(told.case, fromBase64(told.receipt_sealed), this.receipt);
    for (const text of told.texts) {
      const opened = text.sealed ? await openText(secret, told.case, text.kind, fromBase64(text.sealed)) : { text: TOO_LONG };
      const words = [opened["text"], opened["learning"]].filter((one) => typeof one === "string" && one).join("\n\n");
      if (text.kind === "report") this.report = { text: String(opened["text"]), salt: String(opened["salt"]) };
      this.words.set(text.n, { text, words });
    }
  }

  private async show(): Promise<void> {
    const told = this.told as Told;
    fill(this.whole, { heading: told.status, place: told.place, sentence: told.sentence });
    slot(this.whole, "texts").replaceChildren(
      ...[...this.words.values()].map(({ text, words }) => this.filled("case-text", { by: text.by, on: text.on, words })),
    );
    slot(this.whole, "events").replaceChildren(...told.events.map((event) => this.filled("case-event", event)));
    this.showQuestion(told.question);
    const [{ salt }, { day, content_hash }] = [this.report, told.proof];
    const text = toHex(await textHash(fromHex(salt), this.report.text));
    const proof = slot(this.whole, "proof");
    proof.textContent = filledIn(proof.textContent ?? "", { day, case: told.case, salt, text, proof: content_hash });
  }

  private filled(template: string, texts: Readonly<Record<string, string>>): DocumentFragment {
    const copy = copyOf(this.page, template);
    fill(copy, texts);
    return copy;
  }

  private showQuestion(question: Question | null): void {
    const place = slot(this.whole, "question");
    if (question?.code === place.dataset["code"]) return; // an answer that was chosen stays chosen
    place.dataset["code"] = question?.code ?? "";
    place.hidden = !question;
    if (!question) return;
    fill(place, { wording: question.wording });
    slot(place, "options").replaceChildren(...Object.entries(question.options).map(([code, label], at) => {
      const copy = copyOf(this.page, "case-option");
      const [input, words] = [copy.querySelector("input") as HTMLInputElement, copy.querySelector("label") as HTMLLabelElement];
      input.value = code;
      input.id = words.htmlFor = at ? `answer-${at + 1}` : "answer";
      words.textContent = label;
      return copy;
    }));
  }

  private listen(): void {
    const acts: Record<string, (form: HTMLFormElement) => Promise<void>> = {
      refresh: () => this.refresh("There is nothing new.", "There is something new."),
      message: (form) => this.write(form),
      answer: (form) => this.answer(form),
      save: async () => save(this.page, "proof-of-filing.txt", slot(this.whole, "proof").textContent ?? ""),
    };
    for (const form of this.whole.querySelectorAll<HTMLFormElement>("form[data-do]")) {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const act = acts[form.dataset["do"] ?? ""];
        const button = form.querySelector<HTMLButtonElement>("button[type=submit]");
        if (act && button && button.getAttribute("aria-disabled") !== "true") void this.attempt(form, button, act);
      });
    }
    for (const area of this.whole.querySelectorAll<HTMLTextAreaElement>("[data-may-identify]")) showHints(area, () => true);
    setInterval(() => {
      if (!this.page.hidden && this.whole.isConnected) void this.refresh("", "There is something new.").catch(() => undefined);
    }, EVERY);
  }

  private async attempt(form: HTMLFormElement, button: HTMLElement, act: (form: HTMLFormElement) => Promise<void>): Promise<void> {
    button.setAttribute("aria-disabled", "true");
    try {
      showErrors(this.troublePlace, this.whole, {});
      await act(form);
    } catch (error) {
      const why = error instanceof NotSent && error.message ? error.message : "Something went wrong. Please try again.";
      showTrouble(this.troublePlace, "That did not work", `${why} Nothing on this page is lost.`);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  private get troublePlace(): HTMLElement {
    return slot(this.whole, "trouble");
  }

  private async refresh(none: string, some: string): Promise<void> {
    const [before, status] = [this.words.size, this.told?.status];
    await this.load();
    await this.show();
    const changed = this.words.size > before || this.told?.status !== status;
    if (changed || none) fill(this.whole, { said: changed ? some : none });
  }

  private async write(form: HTMLFormElement): Promise<void> {
    const [area, told] = [form.querySelector("textarea") as HTMLTextAreaElement, this.told as Told];
    const text = tidied(area.value);
    const over = [...text].length - LONGEST_MESSAGE;
    if (!text) return showErrors(this.troublePlace, this.whole, { text: "Your message is empty" });
    if (over > 0) return showErrors(this.troublePlace, this.whole, { text: `Make this shorter by ${over} characters` });
    const sealed = toBase64(await sealText(fromBase64(told.public), told.case, "from_person", { text }));
    await this.send("/api/v1/receipts/messages", { sealed, once: this.once });
    this.once = crypto.randomUUID();
    form.reset();
    area.dispatchEvent(new Event("input"));
    await this.refresh("", "");
    fill(this.whole, { said: "Your message was sent." });
  }

  private async answer(form: HTMLFormElement): Promise<void> {
    const [question, answer] = [this.told?.question, new FormData(form).get("answer")];
    if (!question || !answer) return showErrors(this.troublePlace, this.whole, { answer: "Choose an answer" });
    await this.send("/api/v1/receipts/answers", { question: question.code, answer });
    await this.refresh("", "");
    const worse = question.code !== "again" && answer === "yes";
    fill(this.whole, { said: slot(this.whole, worse ? "worse" : "answered").textContent ?? "" });
  }

  /** Sends, and opens the answer: only the holder of the receipt can tell whether it was kept. */
  private async send(path: string, given: object): Promise<void> {
    const key = await lookup(this.receipt);
    const { bundle } = (await ask(path, JSON.stringify({ lookup: toBase64(key), ...given }))) as { bundle: string };
    await openBundle(key, fromBase64(bundle));
  }
}
