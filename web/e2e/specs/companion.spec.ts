// What the device has beside the page: a screen that stays on, and the system's own buttons.

import { expect, type Member, test } from "../harness/house.ts";

declare global {
  interface Window {
    device: { readonly buttons: Partial<Record<string, () => void>>; locks: number };
  }
}

/**
 * In the page, from its next load on: what it tells the device can be looked at, and the device's buttons pressed. A browser
 * that draws on no screen has none to keep on: whether it is asked for one is counted.
 */
function watchDevice(): void {
  window.device = { buttons: {}, locks: 0 };
  const tie = navigator.mediaSession.setActionHandler.bind(navigator.mediaSession);
  navigator.mediaSession.setActionHandler = (button, act) => {
    tie(button, act);
    if (act === null) delete window.device.buttons[button];
    else window.device.buttons[button] = () => act({ action: button });
  };
  class Lock extends EventTarget implements WakeLockSentinel {
    readonly type = "screen";
    released = false;
    onrelease = null;
    release(): Promise<void> {
      if (!this.released) window.device.locks -= 1;
      this.released = true;
      this.dispatchEvent(new Event("release"));
      return Promise.resolve();
    }
  }
  navigator.wakeLock.request = () => {
    window.device.locks += 1;
    return Promise.resolve(new Lock());
  };
}

async function watched(member: Member): Promise<Member> {
  await member.page.addInitScript(watchDevice);
  await member.page.reload();
  return member;
}

const shown = ({ page }: Member): Promise<unknown> =>
  page.evaluate(() => ({
    title: navigator.mediaSession.metadata?.title ?? null,
    buttons: Object.keys(window.device.buttons).sort(),
    screen: window.device.locks,
  }));

/** A button on the lock screen, on a headset, or of the browser. */
const press = ({ page }: Member, button: string): Promise<void> => page.evaluate((name) => window.device.buttons[name]?.(), button);

const BUTTONS = ["hangup", "stop", "togglemicrophone"];
const NOTHING = { title: null, buttons: [], screen: 0 };

test("the system's buttons do what the room's do: who keeps order last is asked before they go, and the screen stays on for the stage", async ({ house }) => {
  const [olga, ann] = await house.members("olga", "ann");
  await watched(olga);
  await watched(ann);
  const stage = await olga.hallway.start({ title: "On the road" });
  await ann.hallway.enter("On the road");
  await stage.expectShown(["olga", "ann"]);
  await expect.poll(() => shown(olga)).toEqual({ title: "On the road", buttons: BUTTONS, screen: 1 });
  await expect.poll(() => shown(ann)).toEqual({ title: "On the road", buttons: BUTTONS, screen: 0 });

  await press(olga, "togglemicrophone");
  await expect(stage.microphone).toHaveAttribute("aria-pressed", "true");
  await press(olga, "togglemicrophone");
  await expect(stage.microphone).toHaveAttribute("aria-pressed", "false");

  const question = olga.page.getByRole("dialog", { name: "Who keeps order when you are gone?" });
  for (const button of ["hangup", "stop"]) {
    await press(olga, button);
    await expect(question, button).toBeVisible();
    await olga.page.keyboard.press("Escape");
    await expect(question).toBeHidden();
    await stage.expectInside();
  }
  // Nobody else is asked.
  await press(ann, "hangup");
  await expect.poll(() => shown(ann)).toEqual(NOTHING);
  await stage.expectShown(["olga"]);
  await press(olga, "hangup");
  await expect.poll(() => shown(olga), { message: "with nobody left to keep order for, she is not asked either" }).toEqual(NOTHING);
  await expect(question).toBeHidden();
});
