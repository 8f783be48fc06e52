import type { LanguageTag } from './types.js';

/**
 * The language itself of a tag, without region and script, in its shortest code and in lower case:
 * `fr-CA` and `fra` are `fr`, `ar-EG` and `ara` are `ar`, `cmn` is `zh`.
 *
 * @returns `undefined` where there is no tag, or what there is does not name a language.
 * @see Unicode Technical Standard 35, "LocaleId Canonicalization".
 */
export function baseLanguage(tag: LanguageTag | undefined): LanguageTag | undefined {
  try {
    const { language } = new Intl.Locale(tag ?? 'und');
    // Longer ones are well-formed, but there is none: a language's name, most likely.
    return language === 'und' || language.length > 3 ? undefined : language;
  } catch {
    return undefined;
  }
}
