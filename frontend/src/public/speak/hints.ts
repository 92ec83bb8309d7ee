import { type Hint, mayIdentify } from "./mayIdentify";

/** How long the writer must pause before hints are shown and read aloud, in milliseconds. */
const PAUSE = 1000;

function line(page: Document, hint: Hint): HTMLElement {
  const [item, words] = [page.createElement("li"), page.createElement("strong")];
  words.textContent = `“${hint.words}”`;
  item.append(words, ` ${hint.advice}`);
  return item;
}

/**
 * Shows below a text area what in its text may identify the writer, whenever the typing pauses.
 *
 * It is said politely, and nothing is ever stopped or sent. `wanted` says whether the writer wants to stay unknown.
 */
export function showHints(area: HTMLTextAreaElement, wanted: () => boolean): void {
  const page = area.ownerDocument;
  const [box, heading, list] = [page.createElement("div"), page.createElement("p"), page.createElement("ul")];
  box.className = "ear-hints";
  box.setAttribute("aria-live", "polite");
  heading.className = "nhsuk-body-s";
  heading.textContent = "This may identify you. You can leave it as it is, or say it in another way:";
  list.className = "nhsuk-list nhsuk-list--bullet nhsuk-body-s";
  area.after(box);
  let [shown, timer] = ["", undefined as ReturnType<typeof setTimeout> | undefined];

  function show(): void {
    const hints = wanted() ? mayIdentify(area.value) : [];
    const said = JSON.stringify(hints);
    if (said === shown) return; // read aloud only when there is something new
    shown = said;
    list.replaceChildren(...hints.map((hint) => line(page, hint)));
    box.replaceChildren(...(hints.length ? [heading, list] : []));
  }

  function later(): void {
    clearTimeout(timer);
    timer = setTimeout(show, PAUSE);
  }

  area.addEventListener("input", later);
  area.form?.addEventListener("change", later);
  if (area.value) later();
}
