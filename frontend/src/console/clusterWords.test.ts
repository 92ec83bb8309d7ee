import { expect, test } from "vitest";
import { clusterColour, told, toldEnd } from "./clusterWords";

test("a group's colour depends on its number alone, and neighbours differ much", () => {
  const hue = (number: number) => Number(/\d+/.exec(clusterColour(number))?.[0]);
  expect(clusterColour(7)).toBe(clusterColour(7));
  for (let number = 1; number < 40; number += 1) {
    const apart = Math.abs(hue(number) - hue(number + 1));
    expect(Math.min(apart, 360 - apart)).toBeGreaterThan(100);
  }
});

test("history is told in sentences", () => {
  const step = { number: 3, name: "night, noise", share: 0.42, noted_on: "2026-06-02" };
  expect(told({ kind: "split", ...step })).toBe("Split from “night, noise” (group 3) on 2 June 2026, with 42% of its comments.");
  expect(told({ kind: "merged", ...step })).toBe("Took in “night, noise” (group 3) on 2 June 2026, with 42% of its comments.");
});

test("how much came along is left out where it could tell of a few members of staff", () => {
  const step = { number: 3, name: "night, noise", share: null, noted_on: "2026-06-02" };
  expect(told({ kind: "split", ...step })).toBe("Split from “night, noise” (group 3) on 2 June 2026.");
});

test("an end says where the comments went, or that there are none", () => {
  const ended = { number: 9, name: "parking", ended_on: "2026-06-02" };
  expect(toldEnd({ ...ended, into: "cars" })).toBe("“parking” (group 9) is part of “cars” now, since 2 June 2026.");
  expect(toldEnd({ ...ended, into: null })).toBe("“parking” (group 9) is not heard any more as a group of its own, since 2 June 2026.");
});
