import type { Import } from "@/api/types";

/** How an import stands, in words. */
export const IMPORT_WORDS: Readonly<Record<Import["state"], string>> = {
  running: "Coming in",
  done: "Done",
  failed: "Did not finish",
  undone: "Taken back",
};
