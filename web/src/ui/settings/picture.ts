// A file that somebody chose, opened as a picture; and the square of it that is sent.

import type { Crop } from "./crop";

/** Pixels on each side of what is kept to choose from: more than a screen shows of it, however large the photograph is. */
const OPEN_MAX = 2_048;
/** Pixels on each side of what is sent: twice what the server keeps. */
const SENT_SIDE = 768;
const SENT_QUALITY = 0.9;

/** Upright. Null for what this browser cannot open as a picture. */
export async function open(file: Blob): Promise<ImageBitmap | null> {
  try {
    const whole = await createImageBitmap(file);
    const scale = OPEN_MAX / Math.max(whole.width, whole.height);
    if (scale >= 1) return whole;
    const size = { resizeWidth: Math.max(1, Math.round(whole.width * scale)), resizeHeight: Math.max(1, Math.round(whole.height * scale)) };
    const small = await createImageBitmap(whole, { ...size, resizeQuality: "high" });
    whole.close();
    return small;
  } catch {
    return null;
  }
}

export function draw(picture: ImageBitmap, crop: Crop, canvas: HTMLCanvasElement): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  context.imageSmoothingQuality = "high";
  // What shines through is white on the server, too.
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, crop.x, crop.y, crop.side, crop.side, 0, 0, canvas.width, canvas.height);
}

/** As a JPEG. Null where the browser cannot write one. */
export function cut(picture: ImageBitmap, crop: Crop): Promise<Blob | null> {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SENT_SIDE;
  draw(picture, crop, canvas);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", SENT_QUALITY));
}
