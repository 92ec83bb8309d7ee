import { announceErrors } from "../announceErrors";

/** What is wrong with a field of the page, by the field's id. */
export type Wrong = Readonly<Record<string, string>>;

function element<K extends keyof HTMLElementTagNameMap>(page: Document, tag: K, name: string, text = ""): HTMLElementTagNameMap[K] {
  const made = page.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

/** Puts a summary as the server's pages have it in `place`, in view and in focus. */
function summary(place: HTMLElement, heading: string, ...body: HTMLElement[]): void {
  const page = place.ownerDocument;
  const [box, alert] = [element(page, "div", "nhsuk-error-summary"), element(page, "div", "")];
  const inside = element(page, "div", "nhsuk-error-summary__body");
  alert.setAttribute("role", "alert");
  inside.append(...body);
  alert.append(element(page, "h2", "nhsuk-error-summary__heading", heading), inside);
  box.append(alert);
  page.querySelector(".nhsuk-error-summary")?.remove();
  place.replaceChildren(box);
  announceErrors(page);
}

/** Says that something did not work and what to do; `again` adds a button. */
export function showTrouble(place: HTMLElement, heading: string, message: string, again?: () => void): void {
  const page = place.ownerDocument;
  const button = element(page, "button", "nhsuk-button nhsuk-button--secondary", "Try again");
  button.type = "button";
  button.addEventListener("click", () => again?.());
  summary(place, heading, element(page, "p", "", message), ...(again ? [button] : []));
}

/** What describes a field to its reader: the question around it, or the field itself. */
function described(field: HTMLElement): HTMLElement {
  return field.matches("[type=radio],[type=checkbox]") ? (field.closest("fieldset") ?? field) : field;
}

function describe(by: Element, ids: readonly string[]): void {
  if (ids.length) by.setAttribute("aria-describedby", ids.join(" "));
  else by.removeAttribute("aria-describedby");
}

const describing = (by: Element): string[] => by.getAttribute("aria-describedby")?.split(" ") ?? [];

function clear(form: HTMLElement): void {
  for (const old of form.querySelectorAll(".nhsuk-error-message")) {
    const by = form.querySelector(`[aria-describedby~="${old.id}"]`);
    if (by) describe(by, describing(by).filter((id) => id !== old.id));
    old.remove();
  }
  for (const group of form.querySelectorAll(".nhsuk-form-group--error")) group.classList.remove("nhsuk-form-group--error");
}

function mark(id: string, field: HTMLElement, text: string): void {
  const [page, by] = [field.ownerDocument, described(field)];
  const note = element(page, "span", "nhsuk-error-message");
  note.id = `${id}-error`;
  note.append(element(page, "span", "nhsuk-u-visually-hidden", "Error: "), text);
  field.closest(".nhsuk-form-group")?.classList.add("nhsuk-form-group--error");
  if (by === field) field.before(note);
  else by.querySelector("legend")?.after(note);
  describe(by, [...describing(by), note.id]);
}

/** Shows what is wrong as the server's page does: a list that leads to the fields, and a sentence at each. */
export function showErrors(place: HTMLElement, form: HTMLElement, wrong: Wrong): void {
  const page = form.ownerDocument;
  clear(form);
  place.replaceChildren();
  if (!Object.keys(wrong).length) return page.querySelector(".nhsuk-error-summary")?.remove();
  const list = element(page, "ul", "nhsuk-list nhsuk-error-summary__list");
  for (const [id, text] of Object.entries(wrong)) {
    const [item, link, field] = [page.createElement("li"), element(page, "a", "", text), page.getElementById(id)];
    link.href = `#${id}`;
    item.append(link);
    list.append(item);
    if (field) mark(id, field, text);
  }
  summary(place, "There is a problem", list);
}
