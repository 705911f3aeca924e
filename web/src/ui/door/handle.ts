import { HANDLE_CHARS_MAX, HANDLE_CHARS_MIN } from "../../protocol/limits";

/** A first proposal for a handle: the name without what a handle cannot hold. The server has the last word. */
export function handleFrom(name: string): string {
  const plain = name
    .normalize("NFKC")
    .toLowerCase()
    .trim()
    .replace(/[^\p{L}\p{M}\p{N}._\s-]|\p{Default_Ignorable_Code_Point}/gu, "")
    .replace(/\s+/g, ".")
    .replace(/^[._\-\p{M}]+|[._-]+$/gu, "");
  return [...plain].slice(0, HANDLE_CHARS_MAX).join("");
}

/** Whether that can be somebody's handle. The server has the last word. */
export function isHandle(text: string): boolean {
  const { length } = [...text];
  return length >= HANDLE_CHARS_MIN && length <= HANDLE_CHARS_MAX && /^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]*$/u.test(text);
}
