/** ISO 639-1 code of the language that a text is in. */
export type LanguageOf = (text: string) => string;

/** Guesses by the letters: Arabic, else English. */
export const guessLanguage: LanguageOf = (text) => (/\p{Script=Arabic}/u.test(text) ? 'ar' : 'en');
