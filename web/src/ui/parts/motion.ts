/** Whether things are to stay where they are: wished for here, or of the whole device. */
export function isStill(wished: string): boolean {
  return wished === "less" || matchMedia("(prefers-reduced-motion: reduce)").matches;
}
