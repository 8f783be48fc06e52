import { baseLanguage } from './baseLanguage.js';
import type { LanguageTag } from './types.js';

/** Code and name of every language that Whisper was trained on: openai/whisper, `tokenizer.py`. */
const NAME_OF: ReadonlyMap<string, string> = new Map(
  `en english, zh chinese, de german, es spanish, ru russian, ko korean, fr french, ja japanese,
  pt portuguese, tr turkish, pl polish, ca catalan, nl dutch, ar arabic, sv swedish, it italian,
  id indonesian, hi hindi, fi finnish, vi vietnamese, he hebrew, uk ukrainian, el greek, ms malay,
  cs czech, ro romanian, da danish, hu hungarian, ta tamil, no norwegian, th thai, ur urdu,
  hr croatian, bg bulgarian, lt lithuanian, la latin, mi maori, ml malayalam, cy welsh, sk slovak,
  te telugu, fa persian, lv latvian, bn bengali, sr serbian, az azerbaijani, sl slovenian,
  kn kannada, et estonian, mk macedonian, br breton, eu basque, is icelandic, hy armenian,
  ne nepali, mn mongolian, bs bosnian, kk kazakh, sq albanian, sw swahili, gl galician, mr marathi,
  pa punjabi, si sinhala, km khmer, sn shona, yo yoruba, so somali, af afrikaans, oc occitan,
  ka georgian, be belarusian, tg tajik, sd sindhi, gu gujarati, am amharic, yi yiddish, lo lao,
  uz uzbek, fo faroese, ht haitian creole, ps pashto, tk turkmen, nn nynorsk, mt maltese,
  sa sanskrit, lb luxembourgish, my myanmar, bo tibetan, tl tagalog, mg malagasy, as assamese,
  tt tatar, haw hawaiian, ln lingala, ha hausa, ba bashkir, jv javanese, su sundanese,
  yue cantonese`
    .split(/,\s+/)
    .map((entry) => [entry.split(' ', 1)[0] ?? '', entry.slice(entry.indexOf(' ') + 1)]),
);
const CODE_OF: ReadonlyMap<string, string> = new Map(
  [...NAME_OF].map(([code, name]) => [name, code]),
);
/** Languages that Whisper has under an older or wider code. */
const WIDER: ReadonlyMap<string, string> = new Map([
  ['fil', 'tl'],
  ['nb', 'no'],
]);

/**
 * The code that Whisper takes for the language of a tag: `fr` for `fr-CA`.
 *
 * @returns `undefined` where there is no tag or Whisper does not know the language: it detects it.
 */
export function toWhisperLanguage(tag: LanguageTag | undefined): string | undefined {
  const language = baseLanguage(tag) ?? '';
  const code = WIDER.get(language) ?? language;
  return NAME_OF.has(code) ? code : undefined;
}

/**
 * The language that Whisper says it has heard, told by name in any case (`French`) or by code.
 *
 * @returns `undefined` where it says neither.
 */
export function fromWhisperLanguage(told: string | undefined): LanguageTag | undefined {
  return baseLanguage(CODE_OF.get(told?.toLowerCase() ?? '') ?? told);
}
