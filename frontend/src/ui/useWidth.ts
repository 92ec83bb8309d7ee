import { onBeforeUnmount, onMounted, type Ref, ref } from "vue";

/** The width of an element in pixels, kept up to date, so that a chart's letters stay the same size on any screen. */
export function useWidth(element: Ref<HTMLElement | null>, first = 640): Ref<number> {
  const width = ref(first);
  let watcher: ResizeObserver | undefined;
  onMounted(() => {
    if (!element.value || typeof ResizeObserver === "undefined") return;
    watcher = new ResizeObserver(([entry]) => {
      if (entry && entry.contentRect.width > 0) width.value = Math.round(entry.contentRect.width);
    });
    watcher.observe(element.value);
  });
  onBeforeUnmount(() => watcher?.disconnect());
  return width;
}
