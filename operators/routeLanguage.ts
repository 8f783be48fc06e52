import type { LanguageTag } from './types.js';

/** What serves which language, by BCP 47 tag; `*` serves every other one, and none. */
export type LanguageRoutes<T> = Readonly<Record<LanguageTag, T>> & { readonly '*': T };

/**
 * What serves a language: the entry of its very tag, else that of `*`.
 *
 * Tags compare without case. A tag is not shortened: `en-AU` has nothing to do with an entry for
 * `en`. Of entries that differ in case alone the last one counts, so further routes override by
 * being spread behind: `{ ...routes, ...more }`.
 */
export function routeLanguage<T>(routes: LanguageRoutes<T>, language: LanguageTag | undefined): T {
  const wanted = language?.toLowerCase();
  const route = Object.entries<T>(routes).findLast(([tag]) => tag.toLowerCase() === wanted);
  return route ? route[1] : routes['*'];
}
