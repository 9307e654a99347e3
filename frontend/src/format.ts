/** Numbers, dates and durations, in the user's language, and as their profile says. */
import type { HomeAssistant } from "./ha";

type Hass = Pick<HomeAssistant, "locale" | "config">;

const GROUPING: Record<string, string> = {
  comma_decimal: "en-US",
  decimal_comma: "de",
  space_comma: "fr",
  quote_decimal: "de-CH",
};

/**
 * Made once for each language and form: making one takes a browser far longer than using it, and a
 * list of moving things uses hundreds a second.
 */
function kept<Options, Format>(
  make: (locale: string | undefined, options: Options) => Format,
): (locale: string | undefined, options: Options) => Format {
  const made = new Map<string, Format>();
  return (locale, options) => {
    const key = `${locale} ${JSON.stringify(options)}`;
    const known = made.get(key) ?? make(locale, options);
    made.set(key, known);
    return known;
  };
}

const numberFormat = kept(
  (locale, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options),
);
const dateFormat = kept(
  (locale, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(locale, options),
);
const agoFormat = kept(
  (locale, options: Intl.RelativeTimeFormatOptions) => new Intl.RelativeTimeFormat(locale, options),
);

function numbers(hass: Hass): string | undefined {
  const format = hass.locale.number_format ?? "language";
  if (format === "system") return undefined;
  return GROUPING[format] ?? hass.locale.language;
}

export function formatNumber(hass: Hass, value: number, options: Intl.NumberFormatOptions = {}): string {
  const useGrouping = hass.locale.number_format !== "none";
  const all: Intl.NumberFormatOptions = { maximumFractionDigits: 1, useGrouping, ...options };
  const locale = numbers(hass);
  if (!options.style || locale === hass.locale.language) return numberFormat(locale, all).format(value);
  // Digits as the profile says, and the unit's name in the user's language.
  const digits = digitsOf(numberFormat(locale, all).formatToParts(value));
  const parts = numberFormat(hass.locale.language, all).formatToParts(value);
  const first = parts.findIndex((part) => DIGITS.has(part.type));
  return parts
    .map((part, index) => (index === first ? digits : DIGITS.has(part.type) ? "" : part.value))
    .join("");
}

const DIGITS = new Set(["integer", "group", "decimal", "fraction"]);

function digitsOf(parts: Intl.NumberFormatPart[]): string {
  return parts.flatMap((part) => (DIGITS.has(part.type) ? [part.value] : [])).join("");
}

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte", "petabyte"] as const;

export function formatBytes(hass: Hass, bytes: number, per = ""): string {
  const size = Math.max(0, bytes);
  const power = size < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(size) / 3));
  const value = size / 1000 ** power;
  const digits = power === 0 || value >= 100 ? 0 : 1;
  return formatNumber(hass, value, {
    style: "unit",
    unit: `${UNITS[power]}${per}`,
    unitDisplay: "short",
    maximumFractionDigits: digits,
  });
}

export const formatRate = (hass: Hass, bytes: number): string => formatBytes(hass, bytes, "-per-second");

export function formatBitrate(hass: Hass, bits: number): string {
  return formatNumber(hass, bits / 1e6, { style: "unit", unit: "megabit-per-second" });
}

/** A share of a hundred; never 100 % of what is not whole. */
export function formatPercent(hass: Hass, percent: number): string {
  const shown = percent < 100 ? Math.min(99, Math.floor(percent)) : 100;
  return formatNumber(hass, shown / 100, { style: "percent", maximumFractionDigits: 0 });
}

/** The two largest parts of a duration: 3 hr 5 min. */
export function formatDuration(hass: Hass, seconds: number): string {
  const all = Math.max(0, Math.round(seconds));
  const parts: [number, string][] = [
    [Math.floor(all / 86_400), "day"],
    [Math.floor(all / 3600) % 24, "hour"],
    [Math.floor(all / 60) % 60, "minute"],
    [all % 60, "second"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  const shown = first < 0 ? parts.slice(3) : parts.slice(first, first + 2).filter(([value]) => value > 0);
  return shown
    .map(([value, unit]) => formatNumber(hass, value, { style: "unit", unit, unitDisplay: "short" }))
    .join(" ");
}

/** A place in a film: 1:02:03. */
export function formatPosition(seconds: number): string {
  const all = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(all / 3600), Math.floor(all / 60) % 60];
  const two = (value: number) => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
}

function zone(hass: Hass): string | undefined {
  return hass.locale.time_zone === "server" ? hass.config.time_zone : undefined;
}

function dates(hass: Hass, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return dateFormat(hass.locale.language, { timeZone: zone(hass), ...options });
}

/** The day of an instant, to compare: 2026-11-30. */
export function dayOf(hass: Hass, at: Date): string {
  return dateFormat("en-CA", { timeZone: zone(hass) }).format(at);
}

export function formatDay(hass: Hass, at: Date, now = new Date()): string {
  const days = Math.round((Date.parse(dayOf(hass, at)) - Date.parse(dayOf(hass, now))) / 86_400_000);
  if (Math.abs(days) <= 1) {
    const near = agoFormat(hass.locale.language, { numeric: "auto" }).format(days, "day");
    return near.charAt(0).toLocaleUpperCase(hass.locale.language) + near.slice(1);
  }
  const year = at.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return dates(hass, { weekday: "short", day: "numeric", month: "short", year }).format(at);
}

export function formatMoment(hass: Hass, at: Date): string {
  const twelve =
    hass.locale.time_format === "12" ? true : hass.locale.time_format === "24" ? false : undefined;
  return dates(hass, {
    year: at.getFullYear() === new Date().getFullYear() ? undefined : "numeric",
    day: "numeric",
    month: "short",
    hour: "numeric",
    minute: "2-digit",
    hour12: twelve,
  }).format(at);
}

/** How long ago, or until when: 3 days ago. */
export function formatAgo(hass: Hass, at: Date, now = new Date()): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const steps: [number, Intl.RelativeTimeFormatUnit][] = [
    [31_536_000, "year"],
    [2_592_000, "month"],
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
  ];
  const [size, unit] = steps.find(([size]) => Math.abs(seconds) >= size) ?? [60, "second"];
  const format = agoFormat(hass.locale.language, { numeric: "auto", style: "short" });
  // Within a minute it is now, on whichever side of it.
  return format.format(Math.trunc(seconds / size) || 0, unit);
}

const STAMP = /\b(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2})\b/g;

/**
 * A sentence of the server, its times as the user writes them. They are those of the house's clock and
 * stay so: a sentence has no zone with them.
 */
export function formatTold(hass: Hass, sentence: string): string {
  const home: Hass = {
    ...hass,
    locale: { ...hass.locale, time_zone: "server" },
    config: { ...hass.config, time_zone: "UTC" },
  };
  return sentence.replace(STAMP, (whole, day: string, time: string) => {
    const at = new Date(`${day}T${time}Z`);
    return Number.isNaN(at.getTime()) ? whole : formatMoment(home, at);
  });
}

/** The name of an hour of a day: 20:00, or 8 PM. */
export function formatHour(hass: Hass, hour: number): string {
  const twelve =
    hass.locale.time_format === "12" ? true : hass.locale.time_format === "24" ? false : undefined;
  const at = new Date(Date.UTC(2024, 0, 1, hour));
  const format = dateFormat(hass.locale.language, { timeZone: "UTC", hour: "numeric", hour12: twelve });
  // Twenty alone is no time; eight PM is.
  return format.resolvedOptions().hour12
    ? format.format(at)
    : dateFormat(hass.locale.language, {
        timeZone: "UTC",
        hour: "2-digit",
        minute: "2-digit",
        hour12: false,
      }).format(at);
}

/** The name of a day of the week, Monday being 0. */
export function formatWeekday(hass: Hass, day: number, weekday: "short" | "long"): string {
  return dateFormat(hass.locale.language, { timeZone: "UTC", weekday }).format(
    new Date(Date.UTC(2024, 0, 1 + day)),
  );
}

const FIRST_DAYS: Record<string, number> = {
  monday: 0,
  tuesday: 1,
  wednesday: 2,
  thursday: 3,
  friday: 4,
  saturday: 5,
  sunday: 6,
};

type WithWeek = Intl.Locale & { getWeekInfo?: () => { firstDay: number }; weekInfo?: { firstDay: number } };

/** The days of the week, Monday being 0, from the one with which it begins for the user. */
export function weekdays(hass: Hass): number[] {
  const locale = new Intl.Locale(hass.locale.language) as WithWeek;
  const usual = ((locale.getWeekInfo?.() ?? locale.weekInfo)?.firstDay ?? 1) - 1;
  const first = FIRST_DAYS[hass.locale.first_weekday ?? ""] ?? usual;
  return Array.from({ length: 7 }, (_, index) => (first + index) % 7);
}
