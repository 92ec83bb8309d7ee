import { expect, test } from "vitest";
import { Problem } from "@/api/client";
import { deviceName, NoPasskey } from "./passkeys";
import { howWords, roleName, ROLES, sentence, wantsProof, wrongWords } from "./signingWords";

test("a new passkey is called after the device", () => {
  expect(deviceName("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)")).toBe("iPhone");
  expect(deviceName("Mozilla/5.0 (Windows NT 10.0; Win64; x64)")).toBe("Windows computer");
  expect(deviceName("Mozilla/5.0 (Linux; Android 15)")).toBe("Android phone or tablet");
  expect(deviceName("something else")).toBe("This device");
});

test("a field's own word is told before the general one", () => {
  const problem = new Problem(422, "WrongCode", "This code is not right.", [{ field: "code", message: "Wait for the next code." }]);
  expect(sentence(problem)).toBe("Wait for the next code.");
  expect(sentence(new Problem(403, "NotAllowed", "Your role does not allow this."))).toBe("Your role does not allow this.");
  expect(sentence(new NoPasskey())).toContain("Try again");
});

test("only the server's own word asks for a new proof", () => {
  expect(wantsProof(new Problem(403, "ProveAgain", "Show again who you are."))).toBe(true);
  expect(wantsProof(new Problem(403, "NotAllowed", "No."))).toBe(false);
  expect(wantsProof(new Error("ProveAgain"))).toBe(false);
});

test("what an address says is told in our words only", () => {
  expect(wrongWords("away")).toContain("does not answer");
  expect(wrongWords("<b>anything</b>")).toBe("");
  expect(wrongWords("constructor")).toBe("");
  expect(wrongWords(["away"])).toBe("");
});

test("roles that two people give are named as such", () => {
  expect(ROLES.filter(({ two }) => two).map(({ role }) => role)).toEqual(["guardian", "pals", "administrator"]);
  expect(roleName("quality_lead")).toBe("Quality lead");
  expect(howWords("passkey")).toBe("Passkey");
});
