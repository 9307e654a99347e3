/// <reference types="vite/client" />
/** Pages that are read from the right: nothing is put on a side that does not turn with them. */
import { expect, test } from "vitest";

const files = import.meta.glob<string>("../src/**/*.ts", { query: "?raw", import: "default", eager: true });

/** A style that names a side instead of a beginning or an end. */
function sided(source: string): string[] {
  const styles = [...source.matchAll(/\bcss`([^`]*)`/g), ...source.matchAll(/\bstyle="([^"]*)"/g)].map(
    ([, found = ""]) => found,
  );
  const declarations = styles.flatMap((one) => one.match(/[\w-]+\s*:[^;{}]+/g) ?? []);
  return declarations
    .map((one) => one.replace(/\s+/g, " ").trim())
    .filter(
      (one) =>
        /^(?:[\w-]+-)?(?:left|right)(?:-[\w-]+)?\s*:/.test(one) ||
        /^(?:text-align|float|clear)\s*:\s*(?:left|right)\b/.test(one) ||
        /translateX|^direction\s*:/.test(one) ||
        lopsided(one),
    );
}

/** Four values say what is on the right and on the left: other than the same, they name sides. */
function lopsided(declaration: string): boolean {
  const [, values = ""] = /^(?:padding|margin|inset|border-width)\s*:\s*(.*)$/.exec(declaration) ?? [];
  const [, right, , left] = values.split(" ");
  return left !== undefined && right !== left;
}

test.each(Object.entries(files))("%s puts nothing on a side", (_, source) => {
  expect(sided(source)).toEqual([]);
});

test("all sources are looked at", () => {
  expect(Object.keys(files).length).toBeGreaterThan(20);
  expect(Object.values(files).join()).toContain("css`");
});

test("a side is found wherever it is said", () => {
  const source = [
    "css`a { margin-left: 1px; color: red } b { border-top-right-radius: 2px; text-align: right; left:0 }`",
    'html`<i style="padding-right: 1px"></i>`',
    "css`c { margin-inline-start: 1px; text-align: start; top: 0; background: left }`; css`d { padding: 1px 2px 3px 4px; margin: 1px 2px 3px 2px }`; const left = { left: 1 }",
  ].join("\n");
  expect(sided(source)).toEqual([
    "margin-left: 1px",
    "border-top-right-radius: 2px",
    "text-align: right",
    "left:0",
    "padding: 1px 2px 3px 4px",
    "padding-right: 1px",
  ]);
});
