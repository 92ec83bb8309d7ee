import { shown } from "../../keys/receipt";
import { showErrors, showTrouble, type Wrong } from "./errors";
import { showReceipt } from "./filedPage";
import { showHints } from "./hints";
import { allowed, type Handler, type Place, type Said, type Sealed, sealReport } from "./report";
import { ask, NotSent } from "./sending";

const LONGEST_TEXT = 10_000;
const LONGEST_LINE = 300;
const NOT_SENT = "Your report was not sent";
const KEPT = "What you wrote is still on this page, and nowhere else.";
const NOBODY = "You asked that nobody here sees this, so nobody could read it. Choose at least one person who may.";

/** A text as the server keeps it: one kind of line end, no control characters, nothing around it. */
export function tidied(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, "").trim(); // eslint-disable-line no-control-regex
}

/** What is wrong with a report, by field: the same sentences as the server's. */
export function wrongWith(said: Said, handlers: readonly Handler[]): Wrong {
  const wrong: Record<string, string> = {};
  const over = (text: string, longest: number): number => [...text].length - longest;
  if (!said.way) wrong["way"] = "Choose how you want to speak up";
  const long = over(said.text, LONGEST_TEXT);
  if (!said.text) wrong["text"] = "Write what happened";
  else if (long > 0) wrong["text"] = `Make this shorter by ${long.toLocaleString("en-GB")} characters`;
  if (["open", "confidential"].includes(said.way) && !said.name && !said.reach) {
    wrong["name"] = "Write your name or how to reach you, or choose to stay anonymous";
  }
  for (const field of ["name", "reach", "not_to", "earlier"] as const) {
    if (over(said[field], LONGEST_LINE) > 0) wrong[field] = `Make this shorter by ${over(said[field], LONGEST_LINE)} characters`;
  }
  if (!allowed(handlers, said.excluded).length) wrong["exclude"] = NOBODY;
  return wrong;
}

function saidIn(form: HTMLFormElement): Said {
  const data = new FormData(form);
  const line = (name: string): string => tidied(String(data.get(name) ?? ""));
  const anonymous = line("way") === "anonymous";
  return {
    link: form.dataset["link"] ?? "",
    audience: line("audience"),
    way: line("way"),
    text: line("text"),
    name: anonymous ? "" : line("name"),
    reach: anonymous ? "" : line("reach"),
    not_to: line("not_to"),
    earlier: line("earlier"),
    excluded: data.getAll("exclude").map(String),
  };
}

/** Those who can be ticked, with their roles as far as the page knows them. */
function listedIn(form: HTMLFormElement): Handler[] {
  return [...form.querySelectorAll<HTMLInputElement>("[name=exclude][data-role]")].map((box) => (
    { account_id: box.value, role: box.dataset["role"] ?? "", pair_id: "", public: "" }
  ));
}

/** The form to speak up, which seals what is written on this device and sends only that. */
export class SpeakPage {
  private readonly trouble: HTMLElement;
  private readonly button: HTMLButtonElement;
  private sealed: Sealed | null = null; // in memory only, so that "try again" sends the same once more
  private busy = false;

  constructor(private readonly form: HTMLFormElement, private readonly whole: HTMLElement) {
    this.trouble = whole.querySelector<HTMLElement>("#speak-trouble") as HTMLElement;
    this.button = form.querySelector<HTMLButtonElement>("button[type=submit]") as HTMLButtonElement;
  }

  /** Takes over from the plain form. */
  begin(): void {
    for (const note of this.form.querySelectorAll<HTMLElement>("[data-sealed-by]")) {
      note.hidden = note.dataset["sealedBy"] !== "browser";
    }
    for (const area of this.form.querySelectorAll<HTMLTextAreaElement>("[data-may-identify]")) {
      showHints(area, () => new FormData(this.form).get("way") !== "open");
    }
    this.form.addEventListener("input", () => (this.sealed = null)); // other words are another report
    this.form.addEventListener("change", () => this.adapt());
    // before the listener that lets a plain form be sent once
    this.form.addEventListener("submit", (event) => this.submitted(event), { capture: true });
    this.adapt();
  }

  private adapt(): void {
    const said = saidIn(this.form);
    (this.form.querySelector("#speak-contact") as HTMLElement).hidden = said.way === "anonymous";
    const nobody = allowed(listedIn(this.form), said.excluded).length === 0;
    (this.form.querySelector("#speak-nobody") as HTMLElement).hidden = !nobody;
  }

  private submitted(event: Event): void {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (this.busy) return;
    const wrong = wrongWith(saidIn(this.form), listedIn(this.form));
    showErrors(this.trouble, this.form, wrong);
    if (!Object.keys(wrong).length) void this.send();
  }

  private async send(): Promise<void> {
    this.work(true);
    try {
      await this.sendOrSealAgain();
    } catch (error) {
      this.work(false);
      const why = error instanceof NotSent && error.message ? error.message : "Something went wrong. Please try again.";
      showTrouble(this.trouble, NOT_SENT, `${why} ${KEPT}`, () => void this.send());
    }
  }

  /** Who may read it, or the day, can change while somebody writes: then it is sealed once more. */
  private async sendOrSealAgain(tries = 2): Promise<void> {
    const sealed = (this.sealed ??= await this.seal());
    try {
      await ask("/api/v1/cases", sealed.body, () => this.work(true, "Many people are sending. Please wait …"));
    } catch (error) {
      if (!(error instanceof NotSent) || error.status !== 409 || !tries) throw error;
      this.sealed = null;
      return this.sendOrSealAgain(tries - 1);
    }
    this.form.reset();
    showReceipt(this.whole, shown(sealed.receipt), sealed.proof);
  }

  private async seal(): Promise<Sealed> {
    const said = saidIn(this.form);
    const query = new URLSearchParams({ audience: said.audience });
    const place = (await ask(`/api/v1/speak-up/${encodeURIComponent(said.link)}?${query}`)) as Place;
    return sealReport(said, place);
  }

  private work(busy: boolean, words = "Sealing and sending …"): void {
    this.busy = busy;
    this.button.textContent = busy ? words : "Send";
    this.button.setAttribute("aria-disabled", String(busy));
  }
}
