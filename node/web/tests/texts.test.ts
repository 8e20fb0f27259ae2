import { describe, expect, it } from "vitest";

import coursesEn from "../src/texts/courses.en.json";
import coursesKo from "../src/texts/courses.ko.json";
import deskEn from "../src/texts/desk.en.json";
import deskKo from "../src/texts/desk.ko.json";
import lookingEn from "../src/texts/looking.en.json";
import lookingKo from "../src/texts/looking.ko.json";
import pageEn from "../src/texts/en.json";
import pageKo from "../src/texts/ko.json";

const en = { ...pageEn, ...deskEn, ...coursesEn, ...lookingEn };
const ko = { ...pageKo, ...deskKo, ...coursesKo, ...lookingKo };

const fields = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1]).sort();

describe("the texts", () => {
  it("stand in one file alone", () => {
    const files = [pageEn, deskEn, coursesEn, lookingEn];
    expect(Object.keys(en)).toHaveLength(files.reduce((all, file) => all + Object.keys(file).length, 0));
  });

  it("exist in both languages", () => {
    expect(Object.keys(ko).sort()).toEqual(Object.keys(en).sort());
  });

  it("fill the same fields in both languages", () => {
    for (const [key, text] of Object.entries(en)) {
      expect(fields(ko[key as keyof typeof ko]), key).toEqual(fields(text));
    }
  });

  it("are Korean in the Korean file", () => {
    const foreign = Object.entries(ko).filter(([, text]) => !/[가-힣]/.test(text));
    expect(foreign.map(([key]) => key)).toEqual(["app.language"]);
  });
});
