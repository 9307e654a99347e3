/** Which rows of a long list are in view: only those are drawn. */
export interface Window {
  first: number;
  last: number;
}

const SPARE = 6;

export function inView(count: number, rowHeight: number, scrolled: number, height: number): Window {
  const top = Math.max(0, Math.min(scrolled, count * rowHeight - height));
  const first = Math.max(0, Math.floor(top / rowHeight) - SPARE);
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + SPARE);
  return { first, last };
}
