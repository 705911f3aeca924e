// Which square of a picture is shown, in the picture's own pixels.

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Crop {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

/** Closer than this there are more dots than face. */
export const ZOOM_MAX = 5;

/** All of the shorter side, from its middle. */
export function middle(size: Size): Crop {
  const side = Math.min(size.width, size.height);
  return { x: (size.width - side) / 2, y: (size.height - side) / 2, side };
}

export function zoomOf(crop: Crop, size: Size): number {
  return Math.min(size.width, size.height) / crop.side;
}

/** Around its own middle, as far as the picture reaches. */
export function zoomed(crop: Crop, size: Size, zoom: number): Crop {
  const side = Math.min(size.width, size.height) / Math.min(ZOOM_MAX, Math.max(1, zoom));
  const by = (crop.side - side) / 2;
  return within({ x: crop.x + by, y: crop.y + by, side }, size);
}

/** The part moves by so many of its own sides. */
export function moved(crop: Crop, size: Size, right: number, down: number): Crop {
  return within({ ...crop, x: crop.x + right * crop.side, y: crop.y + down * crop.side }, size);
}

function within({ x, y, side }: Crop, size: Size): Crop {
  return { x: Math.min(Math.max(0, x), size.width - side), y: Math.min(Math.max(0, y), size.height - side), side };
}

/** One step of a key: a tenth of what is shown, or of how close it is. */
export const STEP = 0.1;

/** What a key does to it; null for one that does nothing. */
export function keyed(crop: Crop, size: Size, key: string): Crop | null {
  switch (key) {
    case "ArrowLeft":
      return moved(crop, size, -STEP, 0);
    case "ArrowRight":
      return moved(crop, size, STEP, 0);
    case "ArrowUp":
      return moved(crop, size, 0, -STEP);
    case "ArrowDown":
      return moved(crop, size, 0, STEP);
    case "+":
    case "=":
      return zoomed(crop, size, zoomOf(crop, size) * (1 + STEP));
    case "-":
      return zoomed(crop, size, zoomOf(crop, size) / (1 + STEP));
    default:
      return null;
  }
}
