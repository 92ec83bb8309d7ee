/** Lets a form be sent once: a second press while the first is on its way does nothing. */
export function sendOnce(form: HTMLFormElement): void {
  const button = form.querySelector<HTMLButtonElement>('button[type="submit"]');
  let sent = false;

  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
    button?.setAttribute("aria-disabled", "true");
  });
  // A page that the browser brings back with its "back" button can be sent again.
  form.ownerDocument.defaultView?.addEventListener("pageshow", () => {
    sent = false;
    button?.removeAttribute("aria-disabled");
  });
}
