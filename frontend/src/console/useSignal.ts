import { type Ref, ref } from "vue";
import { signals } from "@/api/signalEndpoints";
import type { SignalAction, SignalDetail } from "@/api/types";
import { type Load, useLoad } from "@/ui/useLoad";
import { ACTION_WORDS } from "./signalWords";
import type { Given } from "./useSignals";
import { useTurns } from "./useTurns";

/** One signal and what may be done with it. */
export interface OneSignal {
  load: Load<SignalDetail>;
  said: Readonly<Ref<string>>;
  act: (action: SignalAction, given?: Given) => Promise<void>;
  answer: (useful: boolean) => Promise<void>;
}

/** Loads a signal; after each step it is read again, also when somebody else was faster. */
export function useSignal(id: () => string): OneSignal {
  const load = useLoad(id, (abort) => signals.one(id(), abort));
  const said = ref("");
  const turn = useTurns((words) => (said.value = words));

  async function done(step: Promise<unknown>, words: string): Promise<void> {
    try {
      await step;
      said.value = words;
    } finally {
      await load.again();
    }
  }

  return {
    load,
    said,
    act: (action, given = {}) =>
      turn(async () => {
        const signal = load.data.value?.signal;
        if (signal) await done(signals.change(signal.id, { action, revision: signal.revision, ...given }), ACTION_WORDS[action].said);
      }),
    answer: (useful) => turn(() => done(signals.useful(id(), useful), "Thank you. Your answer counts towards the precision of the detector.")),
  };
}
