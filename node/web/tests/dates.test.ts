import { describe, expect, it } from "vitest";

import { dayInWords, dayOf, daysUntil, monthAfter, monthInWords, today } from "../src/model/dates";

describe("a day that somebody types", () => {
  it("is read as it is written in Korean and in files", () => {
    for (const text of ["2026-03-05", " 2026-3-5 ", "2026. 3. 5.", "2026.03.05", "2026/3/5", "20260305"]) {
      expect(dayOf(text), text).toBe("2026-03-05");
    }
  });

  it("is refused where there is no such day, or the order is unclear", () => {
    for (const text of ["", "2026-02-30", "2026-13-01", "05.03.2026", "3/5/2026", "0026-03-05", "tomorrow", "2026-03"]) {
      expect(dayOf(text), text).toBeNull();
    }
  });

  it("knows leap days", () => {
    expect(dayOf("2028-02-29")).toBe("2028-02-29");
    expect(dayOf("2026-02-29")).toBeNull();
  });

  it("is said in the page's language, whatever the browser's", () => {
    expect(dayInWords("2026-03-05", "ko")).toBe("2026년 3월 5일 목요일");
    expect(dayInWords("2026-03-05", "en")).toBe("Thursday, March 5, 2026");
  });
});

describe("days and months", () => {
  it("are counted over clock changes and leap days", () => {
    expect(daysUntil("2026-11-30", "2026-10-01")).toBe(60);
    expect(daysUntil("2028-03-01", "2028-02-28")).toBe(2);
    expect(daysUntil("2026-03-01", "2026-03-02")).toBe(-1);
  });

  it("follow each other over the year's end", () => {
    expect(monthAfter("2026-11", 2)).toBe("2027-01");
    expect(monthAfter("2026-01", -1)).toBe("2025-12");
    expect(monthInWords("2026-11", "ko")).toBe("2026년 11월");
    expect(monthInWords("2026-11", "en")).toBe("November 2026");
  });

  it("are those of this place", () => {
    expect(today(new Date(2026, 0, 9, 23, 59))).toBe("2026-01-09");
  });
});
