// The server sends a QR code as an SVG document. Its shapes are read out and drawn afresh: a document from outside is
// never put into the page.

export interface QrShape {
  readonly viewBox: string;
  readonly path: string;
}

export function qrShape(svg: string): QrShape | null {
  const viewBox = /<svg\b[^>]*\bviewBox="([\d\s.-]+)"/.exec(svg)?.[1];
  const paths = [...svg.matchAll(/<path\b[^>]*\bd="([MmLlHhVvZz\d\s,.-]+)"/g)].map((found) => found[1] ?? "");
  return viewBox === undefined || paths.length === 0 ? null : { viewBox, path: paths.join("") };
}
