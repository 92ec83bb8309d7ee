/** The keys of the queue, each with what it does. */
export const CASE_KEYS = [
  ["j", "Next case"],
  ["k", "Previous case"],
  ["Enter", "Open the case"],
  ["t", "Thank the person"],
  ["o", "Take it on"],
  ["a", "Accept what the computer suggests"],
  ["e", "Choose what it is about"],
  ["x", "Tick it, to do something with several"],
  ["u", "Undo the last step, for ten seconds"],
  ["?", "Show these keys"],
] as const;
