import { expect, test } from "vitest";
import { say, sayOf } from "../src/texts";
import de from "../src/texts/de.json";
import en from "../src/texts/en.json";
import fr from "../src/texts/fr.json";

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

test.each(Object.entries({ de, fr }))("%s says all that English says, with the same values", (_, other) => {
  const words = other as Record<string, string>;
  expect(Object.keys(words)).toEqual(Object.keys(en));
  for (const [key, text] of Object.entries(en))
    expect([key, places(words[key] ?? "")]).toEqual([key, places(text)]);
});

test("one has its own words, and an unknown language is English", () => {
  expect(say("en", "apply", { count: 1 })).toBe("Apply 1 step…");
  expect(say("de", "apply", { count: 2 })).toBe("2 Schritte ausführen…");
  expect(say("de-CH", "close")).toBe("Schließen");
  expect(say("tlh", "close")).toBe("Close");
});

test("a value that is new is shown as it is", () => {
  expect(sayOf("fr", "state", "available")).toBe("Disponible");
  expect(sayOf("fr", "state", "beamed_up")).toBe("beamed up");
});

test("what a title says of places in a text is not filled in", () => {
  expect(say("en", "keep_title", { title: "{count}" })).toBe("Keep {count}");
});
