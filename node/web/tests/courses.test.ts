import { describe, expect, it } from "vitest";

import { minutesLeft, percents } from "../src/model/courses";

describe("a share", () => {
  it("is told with an interval that is never narrower than it is", () => {
    expect(percents({ right: 4, of: 5, share: 0.8, low: 0.376, high: 0.964 })).toEqual({ share: 80, low: 37, high: 97 });
  });
});

describe("the time left", () => {
  const end = "2026-03-02T09:30:00Z";
  const at = (text: string) => new Date(text).getTime();

  it("counts the minute that has begun", () => {
    expect(minutesLeft(end, at("2026-03-02T09:00:00Z"))).toBe(30);
    expect(minutesLeft(end, at("2026-03-02T09:29:30Z"))).toBe(1);
  });

  it("is none after the end", () => {
    expect(minutesLeft(end, at("2026-03-02T09:30:00Z"))).toBe(0);
    expect(minutesLeft(end, at("2026-03-02T10:30:00Z"))).toBe(0);
  });
});
