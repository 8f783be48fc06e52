/**
 * Whether a text is a BCP 47 tag, in any case; `en_US` is not, and neither are extended and
 * grandfathered tags, such as `zh-cmn` and `i-klingon`.
 */
export function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
