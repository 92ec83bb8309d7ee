/** From this part of the longest text on, the count is shown. */
const SHOW_FROM = 0.75;
/** How long the reader must pause before the count is read aloud, in milliseconds. */
const PAUSE = 1000;

/** Says how many characters are left, counted as the server counts them (one for each code point). */
export function leftWords(text: string, longest: number): string {
  const left = longest - [...text].length;
  const n = new Intl.NumberFormat("en-GB").format(Math.abs(left));
  const noun = Math.abs(left) === 1 ? "character" : "characters";
  return left < 0 ? `You have ${n} ${noun} too many` : `You have ${n} ${noun} left`;
}

function message(page: Document, classes: string): HTMLElement {
  const element = page.createElement("div");
  element.className = classes;
  return element;
}

/**
 * Counts the characters of the text area in `group` (its `data-maxlength` says how many there may be).
 *
 * The count is seen at once but read aloud only when the typing pauses, so that it does not talk over the keys.
 */
export function countCharacters(group: HTMLElement): void {
  const area = group.querySelector("textarea");
  const longest = Number(group.dataset["maxlength"]);
  if (!area || !longest) return;
  const seen = message(group.ownerDocument, "nhsuk-hint nhsuk-character-count__message");
  const heard = message(group.ownerDocument, "nhsuk-u-visually-hidden");
  seen.setAttribute("aria-hidden", "true");
  heard.setAttribute("aria-live", "polite");
  group.append(seen, heard);
  let timer: ReturnType<typeof setTimeout> | undefined;

  function update(): void {
    const text = area?.value ?? "";
    const words = [...text].length >= longest * SHOW_FROM ? leftWords(text, longest) : "";
    seen.textContent = words;
    seen.hidden = !words;
    clearTimeout(timer);
    timer = setTimeout(() => (heard.textContent = words), PAUSE);
  }

  area.addEventListener("input", update);
  update();
}
