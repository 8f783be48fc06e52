import { baseLanguage } from './baseLanguage.js';
import type { LanguageTag } from './types.js';

/** ElevenLabs' documentation, "Speech to Text: supported languages", in the shortest codes. */
const KNOWN: ReadonlySet<string> = new Set(
  `af am ar as ast az be bg bn bs ca ceb cs cy da de el en es et fa ff fi fil fr ga gl gu ha he hi
  hr hu hy id ig is it ja jv ka kea kk km kn ko ku ky lb lg ln lo lt luo lv mi mk ml mn mr ms mt my
  ne nl no nso ny oc or pa pl ps pt ro ru sd sk sl sn so sr sv sw ta te tg th tr uk umb ur uz vi wo
  xh yue zh zu`.split(/\s+/),
);

/**
 * The code that Scribe takes for the language of a tag: `ar` for `ar-SA`.
 *
 * @returns `undefined` where there is no tag or Scribe does not know the language: it detects it.
 */
export function toScribeLanguage(tag: LanguageTag | undefined): string | undefined {
  const language = baseLanguage(tag) ?? '';
  const code = language === 'nb' ? 'no' : language;
  return KNOWN.has(code) ? code : undefined;
}
