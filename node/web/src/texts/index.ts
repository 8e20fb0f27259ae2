/** Every text of the page, in Korean and English; a test fails when one language misses a key. */
import { signal } from "@preact/signals";
import i18next from "i18next";

import type { Bilingual, Language } from "../model/types";
import coursesEn from "./courses.en.json";
import coursesKo from "./courses.ko.json";
import deskEn from "./desk.en.json";
import deskKo from "./desk.ko.json";
import lookingEn from "./looking.en.json";
import lookingKo from "./looking.ko.json";
import pageEn from "./en.json";
import pageKo from "./ko.json";

const en = { ...pageEn, ...deskEn, ...coursesEn, ...lookingEn };
const ko = { ...pageKo, ...deskKo, ...coursesKo, ...lookingKo };

void i18next.init({
  lng: "ko",
  fallbackLng: false,
  resources: { en: { translation: en }, ko: { translation: ko } },
  interpolation: { escapeValue: false },
});

/** Read by `t`, so that whatever shows a text is drawn anew when another language is chosen. */
const spoken = signal<Language>("ko");

export type TextKey = keyof typeof en;

export function setLanguage(language: Language): void {
  spoken.value = language;
  void i18next.changeLanguage(language);
  if (typeof document !== "undefined") {
    document.documentElement.lang = language;
  }
}

export function t(key: TextKey, fields: Record<string, string | number> = {}): string {
  return i18next.t(key, { lng: spoken.value, ...fields });
}

export function say(text: Bilingual, language: Language): string {
  return text[language];
}
