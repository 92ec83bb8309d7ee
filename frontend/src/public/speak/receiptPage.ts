import { Unreadable } from "../../keys/bytes";
import { normalise } from "../../keys/receipt";
import { CasePage } from "./casePage";
import { showErrors, showTrouble } from "./errors";
import { NotSent } from "./sending";

const NOT_A_RECEIPT =
  "This is not a receipt code: it has 24 letters and digits, in six groups of four. Please check what you typed.";
const NOTHING =
  "Check each letter and digit. Reports are removed some time after they are closed, and then their code opens nothing.";

/** Where a receipt is typed: it stays on this device, and what it opens is opened here. */
export function takeOverReceipts(form: HTMLFormElement, whole: HTMLElement): void {
  const field = form.querySelector("#receipt") as HTMLInputElement;
  const button = form.querySelector("button[type=submit]") as HTMLButtonElement;
  const trouble = whole.querySelector("#receipt-trouble") as HTMLElement;
  let busy = false;

  async function open(receipt: string): Promise<void> {
    [busy, button.textContent] = [true, "Opening …"];
    try {
      await new CasePage(whole, receipt).open((seconds) => {
        button.textContent = `Many people are asking. We try again in ${seconds} seconds …`;
      });
    } catch (error) {
      [busy, button.textContent] = [false, "Open"];
      if (error instanceof Unreadable) showTrouble(trouble, "This code opens nothing", NOTHING);
      else showTrouble(trouble, "That did not work", (error instanceof NotSent && error.message) || "Please try again.");
    }
  }

  // before the listener that lets a plain form be sent once
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (busy) return;
    const receipt = normalise(field.value);
    showErrors(trouble, form, receipt ? {} : { receipt: NOT_A_RECEIPT });
    if (receipt) void open(receipt);
  }, { capture: true });
}
