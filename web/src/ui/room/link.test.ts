import { expect, test } from "vitest";
import { hostOf, linkOf } from "./link";

const at = (rest: string): string => ["https:", "", rest].join("/");

test("what people type becomes an address, and what cannot be pinned up does not", () => {
  expect(linkOf(" example.org/tea ")).toBe(at("example.org/tea"));
  expect(linkOf("EXAMPLE.org")).toBe(at("example.org/"));
  expect(linkOf(at("b\u00fccher.example/\u0442"))).toBe(at("xn--bcher-kva.example/%D1%82"));
  expect(linkOf("example.org:8443/a")).toBe(at("example.org:8443/a"));
  expect(linkOf(at("example.org/a|b"))).toBe(at("example.org/a%7Cb"));
  for (const bad of ["", "tea and bread", "localhost", "javascript:alert(1)", "data:text/html,x", at("a@b.example"), `http:${"//"}example.org`, "a".repeat(400)]) {
    expect(linkOf(bad), bad).toBe(null);
  }
});

test("a link is shown as whom it asks", () => {
  expect(hostOf(at("example.org:8443/a?b=c"))).toBe("example.org:8443");
});
