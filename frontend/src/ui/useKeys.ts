import { onScopeDispose } from "vue";

const TYPING = "input, select, textarea, dialog, [contenteditable]";

/**
 * Lets single keys act while the page is in view, but never while somebody types, holds a modifier or answers a dialog.
 *
 * `wanted` must be something that people can switch off (WCAG 2.1.4): single keys get in the way of speech input.
 */
export function useKeys(wanted: () => boolean, act: (key: string) => boolean): void {
  function heard(event: KeyboardEvent): void {
    if (!wanted() || event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
    if (event.target instanceof Element && event.target.closest(TYPING)) return;
    if (document.querySelector("dialog[open]")) return;
    if (act(event.key)) event.preventDefault();
  }
  document.addEventListener("keydown", heard);
  onScopeDispose(() => document.removeEventListener("keydown", heard));
}
