import { onScopeDispose, type Ref, ref, shallowRef, watch } from "vue";
import { publications, type Reading } from "@/api/publications";

/** How long one may pause in typing before the text is read, in milliseconds. */
const PAUSE = 350;

/** A text's reading age as one types; null until the first answer came, and `lost` while the server cannot say. */
export function useReading(text: () => string): { reading: Readonly<Ref<Reading | null>>; lost: Readonly<Ref<boolean>> } {
  const reading = shallowRef<Reading | null>(null);
  const lost = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let current = new AbortController();

  async function read(): Promise<void> {
    current.abort();
    const mine = (current = new AbortController());
    try {
      reading.value = await publications.read(text(), mine.signal);
      lost.value = false;
    } catch {
      lost.value = !mine.signal.aborted;
    }
  }

  watch(
    text,
    (_now, before) => {
      clearTimeout(timer);
      timer = setTimeout(() => void read(), before === undefined ? 0 : PAUSE);
    },
    { immediate: true },
  );
  onScopeDispose(() => {
    clearTimeout(timer);
    current.abort();
  });
  return { reading, lost };
}
