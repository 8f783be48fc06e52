/** Whether a text is a well-formed BCP 47 tag, in any case; `en_US` is not. */
export function isLanguageTag(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
