import { describe, expect, it } from "vitest";

import en from "../src/texts/en.json";
import ko from "../src/texts/ko.json";

const fields = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1]).sort();

describe("the texts", () => {
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
