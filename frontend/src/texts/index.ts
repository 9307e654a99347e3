/** The words of the cards. No card has any of its own. */
import de from "./de.json";
import en from "./en.json";
import fr from "./fr.json";

export type Key = keyof typeof en;
type Values = Record<string, string | number>;

type Words = Partial<Record<string, string>>;

const ENGLISH: Words = en;
const LANGUAGES: Partial<Record<string, Words>> = { en, de, fr };

/** Say a text; `count` chooses the form of words for one, and what a language lacks is English. */
export function say(language: string, key: Key, values: Values = {}): string {
  const words = LANGUAGES[language] ?? LANGUAGES[language.split("-")[0] ?? ""] ?? ENGLISH;
  const one = values.count !== undefined && Number(values.count) === 1 ? `${key}_one` : undefined;
  const text = (one && words[one]) || words[key] || ENGLISH[key] || key;
  return text.replace(/\{(\w+)\}/g, (whole: string, name: string) => String(values[name] ?? whole));
}

/** Say what a value of the server is called; one that is new there is shown as it is. */
export function sayOf(language: string, kind: string, value: string): string {
  const key = `${kind}_${value}`;
  return key in en ? say(language, key as Key) : value.replaceAll("_", " ");
}

/** The language of the page, where nothing else says it: in an editor's form. */
export const pageLanguage = (): string => document.documentElement.lang || "en";
