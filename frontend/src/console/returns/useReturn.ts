import { computed, ref } from "vue";
import { useRoute, useRouter } from "vue-router";
import { type ReturnAsk, returns } from "@/api/returns";
import { asProblem, useLoad } from "@/ui/useLoad";
import { today } from "../filters";
import { readAsk, readTyped, writeAsk } from "./asking";

/** The return in view and what can be done with it: choosing another, typing in, noting it as sent. */
export function useReturn() {
  const route = useRoute();
  const router = useRouter();
  const packs = useLoad(() => null, (signal) => returns.all(signal));
  const ask = computed(() => readAsk(route.query, packs.data.value ?? [], today()));
  const now = useLoad(() => ask.value, async (signal) => (ask.value ? returns.one(ask.value, signal) : null));
  const sent = useLoad(
    () => [ask.value?.pack, ask.value?.org],
    async (signal) => (ask.value ? returns.sent(ask.value, signal) : []),
  );
  const typed = ref<Record<string, string>>({});
  const wrong = ref<string[]>([]);
  const said = ref("");

  function change(some: Partial<ReturnAsk>): void {
    typed.value = {};
    said.value = "";
    if (ask.value) void router.push({ query: writeAsk(ask.value, some) });
  }

  async function act(work: (asked: ReturnAsk) => Promise<string>): Promise<void> {
    if (!ask.value) return;
    try {
      said.value = await work(ask.value);
    } catch (error) {
      said.value = asProblem(error).message;
    }
  }

  async function save(): Promise<void> {
    const read = readTyped(typed.value);
    wrong.value = read.wrong;
    if (read.wrong.length) said.value = "Some of what you typed is not a whole number. Nothing was saved.";
    else
      await act(async (asked) => {
        await returns.typeIn(asked, read.values);
        typed.value = {};
        await now.again();
        return "Saved.";
      });
  }

  const noteAsSent = (): Promise<void> =>
    act(async (asked) => {
      const kept = await returns.noteAsSent(asked);
      await sent.again();
      return `Noted as sent. Its SHA-256 begins with ${kept.hash.slice(0, 16)}.`;
    });

  return { packs, ask, now, sent, typed, wrong, said, change, save, noteAsSent };
}
