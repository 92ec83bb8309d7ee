/** Moves the reader to the list of errors, and from there to each field with its question in view. */
export function announceErrors(page: Document): void {
  const summary = page.querySelector<HTMLElement>(".nhsuk-error-summary");
  if (!summary) return;
  summary.tabIndex = -1;
  summary.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href^="#"]') : null;
    const field = link && page.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    (field.closest("fieldset, .nhsuk-form-group") ?? field).scrollIntoView?.({ block: "start" });
    field.focus({ preventScroll: true });
  });
  summary.focus();
}
