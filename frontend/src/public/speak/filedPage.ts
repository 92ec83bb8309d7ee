import { copyOf, fill, filledIn, save, slot } from "./slots";

/** Makes the buttons of a page with a receipt work: copy, print, save. */
export function offerReceipt(within: ParentNode, page: Document): void {
  const [receipt, proof] = [slot(within, "receipt"), slot(within, "proof")];
  const acts: Record<string, () => void> = {
    copy: () => {
      void navigator.clipboard.writeText(receipt.textContent ?? "").then(() => {
        button("copy").textContent = "The code is copied";
        fill(page, { said: "The code is copied" });
      });
    },
    print: () => globalThis.print(),
    save: () => save(page, "proof-of-filing.txt", proof.textContent ?? ""),
  };
  const button = (name: string): HTMLElement => page.querySelector<HTMLElement>(`[data-do="${name}"]`) as HTMLElement;
  slot(within, "buttons").hidden = false;
  if (!navigator.clipboard) within.querySelector<HTMLElement>('[data-do="copy"]')?.remove();
  for (const [name, act] of Object.entries(acts)) {
    within.querySelector<HTMLElement>(`[data-do="${name}"]`)?.addEventListener("click", act);
  }
}

/** Takes the form away and shows the receipt in its place: the only time that it is shown. */
export function showReceipt(instead: HTMLElement, receipt: string, proof: Readonly<Record<string, string>>): void {
  const page = instead.ownerDocument;
  const shown = copyOf(page, "filed-page");
  fill(shown, { receipt, proof: filledIn(slot(shown, "proof").textContent ?? "", proof) });
  const heading = slot(shown, "heading");
  offerReceipt(shown, page);
  instead.replaceChildren(shown);
  page.title = "We have your report – Earshot";
  globalThis.scrollTo?.(0, 0);
  heading.focus();
}
