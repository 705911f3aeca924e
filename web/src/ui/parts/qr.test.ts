import { expect, test } from "vitest";
import { qrShape } from "./qr";

test("the shapes of a code are read out of its document", () => {
  const svg = '<svg viewBox="0 0 33 33" xmlns="http://www.w3.org/2000/svg"><rect width="33px" height="33px" fill="#fff"/><path d="M4,4h1v1h-1M6,4h1v1h-1" fill="#000"/></svg>';
  expect(qrShape(svg)).toEqual({ viewBox: "0 0 33 33", path: "M4,4h1v1h-1M6,4h1v1h-1" });
});

test("a document with anything else in its path is not drawn", () => {
  expect(qrShape('<svg viewBox="0 0 1 1"><path d="url(x)"/></svg>')).toBeNull();
  expect(qrShape("<script>1</script>")).toBeNull();
});
