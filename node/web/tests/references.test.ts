import { describe, expect, it } from "vitest";

import { MOST_ROWS, referencesOf } from "../src/model/references";

const OPTIONS = ["absent", "present"];

describe("a file of gold cases", () => {
  it("is read with or without titles, with any of three separators and either line end", () => {
    const rows = [{ sop_instance_uid: "1.2.3", option: "present" }, { sop_instance_uid: "1.2.4", option: "absent" }];
    expect(referencesOf("1.2.3,present\n1.2.4,absent\n", OPTIONS)).toEqual({ rows });
    expect(referencesOf("\uFEFFSOPInstanceUID,option\r\n1.2.3,present\r\n\r\n\"1.2.4\";absent", OPTIONS)).toEqual({ rows });
    expect(referencesOf("sop_instance_uid\toption\n1.2.3\tpresent\n1.2.4\tabsent", OPTIONS)).toEqual({ rows });
  });

  it("is refused by the number of its first line that says nothing known", () => {
    expect(referencesOf("1.2.3,present\n1.2.4,maybe", OPTIONS)).toEqual({ line: 2 });
    expect(referencesOf("Kim,present", OPTIONS)).toEqual({ line: 1 });
    expect(referencesOf("1.2.3", OPTIONS)).toEqual({ line: 1 });
    expect(referencesOf("1.2.3,present,extra", OPTIONS)).toEqual({ line: 1 });
  });

  it("may be empty: then a project has no gold", () => {
    expect(referencesOf("\n", OPTIONS)).toEqual({ rows: [] });
  });

  it("is bounded as the node bounds it", () => {
    const long = Array.from({ length: MOST_ROWS + 1 }, (_, number) => `1.2.${number},present`).join("\n");
    expect(referencesOf(long, OPTIONS)).toEqual({ line: MOST_ROWS + 1 });
  });
});
