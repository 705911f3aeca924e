import { expect, test } from "vitest";
import { betterAddress } from "./address";

const at = (hostname: string, port = "8080") => ({ hostname, port, protocol: "http:" });

test("the server's own https address comes first", () => {
  expect(betterAddress(at("192.168.1.5"), "https://radio.example.org")).toBe("https://radio.example.org");
});

test("on the machine itself its name is offered", () => {
  expect(betterAddress(at("0.0.0.0"), null)).toBe("http://localhost:8080");
  expect(betterAddress(at("127.0.0.1", ""), null)).toBe("http://localhost");
});

test("elsewhere there is nothing to offer but what the server knows", () => {
  expect(betterAddress(at("192.168.1.5"), null)).toBeNull();
});
