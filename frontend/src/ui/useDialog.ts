import { onBeforeUnmount, onMounted, useTemplateRef } from "vue";

/** Opens the `<dialog ref="…">` of that name with its part of the page; gives the focus back when that goes. */
export function useDialog(name: string): void {
  const box = useTemplateRef<HTMLDialogElement>(name);
  let before: Element | null = null;
  onMounted(() => {
    before = document.activeElement;
    box.value?.showModal();
  });
  onBeforeUnmount(() => {
    box.value?.close();
    if (before instanceof HTMLElement) before.focus();
  });
}
