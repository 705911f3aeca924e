import { worker as arabic } from "../texts/ar.worker";
import { worker as english, type WorkerTexts } from "../texts/en.worker";
import { worker as russian } from "../texts/ru.worker";

const LANGUAGES: readonly WorkerTexts[] = [english, russian, arabic];

/** In the language that fits best: of what was chosen, and of what the browser asks for. As pages do it. */
export function wordsFor(wanted: readonly string[]): WorkerTexts {
  for (const tag of wanted) {
    const found = LANGUAGES.find(({ locale }) => locale === tag.split("-")[0]);
    if (found !== undefined) return found;
  }
  return english;
}
