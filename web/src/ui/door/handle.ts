/** The longest handle, in characters (`protocol::limits::HANDLE_CHARS_MAX`). */
const CHARS_MAX = 20;

/** A first proposal for a handle: the name without what a handle cannot hold. The server has the last word. */
export function handleFrom(name: string): string {
  const plain = name
    .normalize("NFKC")
    .toLowerCase()
    .trim()
    .replace(/[^\p{L}\p{M}\p{N}._\s-]|\p{Default_Ignorable_Code_Point}/gu, "")
    .replace(/\s+/g, ".")
    .replace(/^[._\-\p{M}]+|[._-]+$/gu, "");
  return [...plain].slice(0, CHARS_MAX).join("");
}

/** Whether that can be somebody's handle. The server has the last word. */
export function isHandle(text: string): boolean {
  return /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{1,19}$/u.test(text);
}
