/** Days and months as people type and read them: `2026-03-05` in every language, with the day in words beside it. */
import type { Language } from "./types";

const DAY = /^(\d{4})[-./ ]+(\d{1,2})[-./ ]+(\d{1,2})[.]?$/;
const CLOSED_UP = /^(\d{4})(\d{2})(\d{2})$/;
const MILLISECONDS_A_DAY = 86_400_000;

/** The day as `2026-03-05`, or null where the text names none: `2026. 3. 5.`, `2026/3/5` and `20260305` are read too. */
export function dayOf(text: string): string | null {
  const said = DAY.exec(text.trim()) ?? CLOSED_UP.exec(text.trim());
  if (said === null) {
    return null;
  }
  const [year, month, day] = said.slice(1).map(Number) as [number, number, number];
  const moment = new Date(Date.UTC(year, month - 1, day));
  const stands = moment.getUTCMonth() === month - 1 && moment.getUTCDate() === day && year >= 1900;
  return stands ? moment.toISOString().slice(0, 10) : null;
}

/** The day in words of the language, with its weekday. */
export function dayInWords(day: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "full", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

/** The day in short, for tables. */
export function shortDay(day: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(`${day}T00:00:00Z`));
}

/** How many days lie between today and the day; negative for one that is over. */
export function daysUntil(day: string, today: string): number {
  return Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse(`${today}T00:00:00Z`)) / MILLISECONDS_A_DAY);
}

/** The day at this place now, as `2026-03-05`. */
export function today(now: Date = new Date()): string {
  const two = (figure: number) => String(figure).padStart(2, "0");
  return `${String(now.getFullYear())}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}

/** The month so many months after this one: `monthAfter("2026-11", 2)` is `2027-01`. */
export function monthAfter(month: string, months: number): string {
  const [year, number] = month.split("-").map(Number) as [number, number];
  return new Date(Date.UTC(year, number - 1 + months, 1)).toISOString().slice(0, 7);
}

/** The month in words of the language. */
export function monthInWords(month: string, language: Language): string {
  const said = new Date(`${month}-01T00:00:00Z`);
  return new Intl.DateTimeFormat(language, { year: "numeric", month: "long", timeZone: "UTC" }).format(said);
}
