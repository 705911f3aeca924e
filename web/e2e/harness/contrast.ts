// Contrast where axe leaves it open: of text that something else lies over until one scrolls, and of text too short for
// axe to believe in. Decided by the colours under the text, as far as they are the page's own and plain.

/** A text that axe could not decide, and the ratio that it must have. */
export interface Open {
  readonly selector: string;
  readonly wanted: number;
}

/** Sent into the page as text. What is wrong with each of these; what cannot be decided here either is wrong too. */
export function contrastFindings(open: readonly Open[]): Array<string | null> {
  type Colour = readonly [red: number, green: number, blue: number, alpha: number];
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const paint = canvas.getContext("2d", { willReadFrequently: true });
  if (paint === null) throw new Error("no canvas");

  return open.map(({ selector, wanted }) => {
    const element = document.querySelector(selector);
    if (element === null) return "it is gone";
    const under = ground(element);
    if (typeof under === "string") return under;
    const ink = over(colour(getComputedStyle(element).color), under);
    const [light, dark] = [luminance(ink), luminance(under)].sort((a, b) => b - a) as [number, number];
    const ratio = (light + 0.05) / (dark + 0.05);
    return ratio < wanted ? `${ratio.toFixed(2)}:1, and ${wanted}:1 is wanted` : null;
  });

  /** The colour on which the text of an element stands, or why that cannot be said. */
  function ground(element: Element): Colour | string {
    const layers: Colour[] = [];
    for (let at: Element | null = element; at !== null; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.opacity !== "1") return "it lets through what is behind it";
      if (style.backgroundImage !== "none") return "a picture lies under it";
      for (const pseudo of ["::before", "::after"]) {
        const drawn = getComputedStyle(at, pseudo);
        const painted = drawn.backgroundImage !== "none" || colour(drawn.backgroundColor)[3] > 0;
        if (drawn.content !== "none" && painted && !liesBeside(drawn, at, element)) return "something drawn may lie under it";
      }
      layers.push(colour(style.backgroundColor));
      if (layers.at(-1)?.[3] === 1) return layers.reduceRight((under, layer) => over(layer, under));
      if (["absolute", "fixed", "sticky"].includes(style.position)) return "it lies on what is no part of it";
    }
    return "nothing lies under it";
  }

  /** What is drawn at a place of its own in the frame, where the text is not. */
  function liesBeside(drawn: CSSStyleDeclaration, frame: Element, element: Element): boolean {
    if (drawn.position !== "absolute" || getComputedStyle(frame).position === "static") return false;
    const [around, text] = [frame.getBoundingClientRect(), element.getBoundingClientRect()];
    const [top, left, height, width] = [drawn.top, drawn.left, drawn.height, drawn.width].map(Number.parseFloat) as [number, number, number, number];
    const [x, y] = [around.left + frame.clientLeft + left, around.top + frame.clientTop + top];
    return text.right <= x || text.left >= x + width || text.bottom <= y || text.top >= y + height;
  }

  function colour(text: string): Colour {
    const context = paint as CanvasRenderingContext2D;
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = text;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
    return [red / 255, green / 255, blue / 255, alpha / 255];
  }

  function over([red, green, blue, alpha]: Colour, under: Colour): Colour {
    const mixed = [red, green, blue].map((part, i) => part * alpha + (under[i] ?? 0) * (1 - alpha));
    return [mixed[0] ?? 0, mixed[1] ?? 0, mixed[2] ?? 0, 1];
  }

  /** WCAG 2.2, "relative luminance". */
  function luminance([red, green, blue]: Colour): number {
    const [r = 0, g = 0, b = 0] = [red, green, blue].map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
}
