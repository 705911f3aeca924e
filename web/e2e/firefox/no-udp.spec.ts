// Firefox where no UDP gets through: it is told of no other way than TCP, on the port of the web.

import { expect, test } from "../harness/fox.ts";
import { connections, expectHears } from "../harness/hearing.ts";

test.describe.configure({ timeout: 180_000 });
// From another address than loopback it makes no connection to loopback.
test.use({ serverListens: "0.0.0.0" });

test("Firefox that is left TCP alone hears and is heard", async ({ house, server, fox }) => {
  const olga = await house.member("olga");
  await house.enrol("fox");
  await fox.page.evaluateOnNewDocument(hideUdp);
  await fox.page.goto(await house.signInLink("fox"));
  await fox.press("Sign in here");
  const stage = await olga.hallway.start({ title: "Behind a wall" });
  await stage.setMicrophone("open");
  await fox.press("Behind a wall", "link");
  await expectHears(fox, [olga.tone]);
  await fox.press("Raise hand");
  await stage.bringUp("fox");
  await fox.press("Come up, muted");
  await fox.press("Microphone");
  await expectHears(olga, [fox.tone]);
  const over = { protocol: "tcp", to: server.port };
  expect(await connections(fox)).toEqual([{ state: "connected", port: expect.any(Number), over }]);
});

/** Sent into the page as text: of the answer, the candidates of TCP are left. */
function hideUdp(): void {
  const native = RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (description) {
    const lines = (description?.sdp ?? "").split("\r\n").filter((line) => !/^a=candidate:.* udp /i.test(line));
    return Reflect.apply(native, this, [{ ...description, sdp: lines.join("\r\n") } as RTCSessionDescriptionInit]);
  };
}
