// The languages that are offered to choose from; the server takes any code.

/** ISO 639 codes, as BCP 47 writes them: those with some millions of speakers, and those of whole countries. */
const CODES = (
  "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu ha he hi hr hu hy id ig is it ja jv ka kk km kn ko ku ky lb lo lt lv mg mi mk ml mn mr ms mt my nb ne nl nn or pa pl ps pt ro ru rw si sk sl so sq sr sv sw ta te tg th ti tk tr tt ug uk ur uz vi wo xh yo yue zh zu"
).split(" ");

/** By their names in the language of the page, but for those that are chosen. */
export function offered(named: (code: string) => string, chosen: readonly string[], locale: string): readonly { readonly code: string; readonly name: string }[] {
  const order = new Intl.Collator(locale);
  return CODES.filter((code) => !chosen.includes(code))
    .map((code) => ({ code, name: named(code) }))
    .sort((one, other) => order.compare(one.name, other.name));
}
