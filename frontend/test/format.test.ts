import { expect, test } from "vitest";
import {
  dayOf,
  formatBytes,
  formatDay,
  formatDuration,
  formatPercent,
  formatPosition,
  formatTold,
} from "../src/format";

const hass = (language: string, more: object = {}) => ({
  locale: { language, time_zone: "server", ...more },
  config: { time_zone: "Europe/Amsterdam" },
});

test("bytes have a size that fits", () => {
  expect(formatBytes(hass("en"), 0)).toBe("0 byte");
  expect(formatBytes(hass("en"), 12_340_000_000)).toBe("12.3 GB");
  expect(formatBytes(hass("de"), 12_340_000_000)).toBe("12,3\u00a0GB");
  expect(formatBytes(hass("en", { number_format: "decimal_comma" }), 1_500_000)).toBe("1,5 MB");
  expect(formatBytes(hass("en"), 999_000_000_000)).toBe("999 GB");
});

test("what is not whole is no hundred percent", () => {
  expect(formatPercent(hass("en"), 99.9)).toBe("99%");
  expect(formatPercent(hass("en"), 100)).toBe("100%");
});

test("durations have two parts at the most", () => {
  expect(formatDuration(hass("en"), 3 * 3600 + 5 * 60 + 20)).toBe("3 hr 5 min");
  expect(formatDuration(hass("en"), 86_400)).toBe("1 day");
  expect(formatDuration(hass("en"), 0)).toBe("0 sec");
  expect(formatDuration(hass("en", { number_format: "decimal_comma" }), 7200)).toBe("2 hr");
  expect(formatPosition(3725)).toBe("1:02:05");
});

test("days are Home Assistant's where the user says so", () => {
  const late = new Date("2026-11-30T23:30:00Z");
  expect(dayOf(hass("en"), late)).toBe("2026-12-01");
  expect(formatDay(hass("en"), late, new Date("2026-11-30T12:00:00Z"))).toBe("Tomorrow");
  expect(formatDay(hass("de"), late, new Date("2026-11-20T12:00:00Z"))).toBe("Di., 1. Dez.");
});

test("the times in a sentence of the server are the user's, on the house's clock", () => {
  const away = { locale: { language: "de", time_zone: "local" }, config: { time_zone: "Asia/Tokyo" } };
  const told = "It leaves 5 days after 2022-12-20 09:37. S01 2022-12-20";
  expect(formatTold(away, told)).toBe("It leaves 5 days after 20. Dez. 2022, 9:37. S01 2022-12-20");
  expect(formatTold(hass("en"), "2022-12-20 21:05")).toBe("Dec 20, 2022, 9:05 PM");
  expect(formatTold(hass("en"), "2022-19-20 21:05 is none")).toBe("2022-19-20 21:05 is none");
});
