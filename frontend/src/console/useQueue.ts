import { computed, type ComputedRef, nextTick, ref, shallowRef, watch } from "vue";
import type { Query } from "@/api/client";
import { review } from "@/api/endpoints";
import type { Comment, ReviewItem, ReviewQueue } from "@/api/types";
import { type Load, useLoad } from "@/ui/useLoad";

/** The review queue, page after page, and the place in it. */
export interface Queue {
  load: Load<ReviewQueue>;
  items: ComputedRef<readonly ReviewItem[]>;
  at: ComputedRef<number>;
  /** Fetches the next page when `place` lies beyond what is here; says whether there is something at `place`. */
  reach: (place: number) => Promise<boolean>;
  /** Shows the item at `place` and takes the focus there. */
  goTo: (place: number) => Promise<void>;
  /** Puts a comment in the place of its older reading. */
  replace: (comment: Comment) => void;
}

/** Loads the queue that `ask` describes; `renewed` is called whenever it begins anew. */
export function useQueue(ask: () => Query, renewed: () => void): Queue {
  const load = useLoad(ask, (signal) => review(ask(), signal));
  const items = shallowRef<readonly ReviewItem[]>([]);
  const at = ref(0);
  let cursor: string | null = null;

  watch(load.data, (page) => {
    items.value = page?.items ?? [];
    cursor = page?.next ?? null;
    at.value = 0;
    renewed();
  });

  async function reach(place: number): Promise<boolean> {
    if (place >= items.value.length && cursor) {
      const page = await review({ ...ask(), after: cursor }, undefined);
      items.value = [...items.value, ...page.items];
      cursor = page.next;
    }
    return items.value[place] !== undefined;
  }

  async function goTo(place: number): Promise<void> {
    at.value = place;
    await nextTick();
    document.getElementById("review-item")?.focus();
  }

  function replace(comment: Comment): void {
    items.value = items.value.map((item) => (item.id === comment.id ? { ...item, comment } : item));
  }

  return { load, items: computed(() => items.value), at: computed(() => at.value), reach, goTo, replace };
}
