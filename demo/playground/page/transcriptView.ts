import { type Observable, scan, tap } from 'rxjs';

import { byId } from './byId.js';
import { element } from './element.js';
import { sentimentCurve, styleOf } from './sentimentCurve.js';
import type { Utterance } from './transcripts.js';

/** Shows what is said as it is understood, and how it feels. A new call begins with nothing. */
export function transcriptView(transcripts: Observable<Utterance>): Observable<unknown> {
  const list = byId('utterances');
  const show = (all: readonly Utterance[]) => {
    byId('unsaid').hidden = all.length > 0;
    sentimentCurve(document.querySelector('#curve')!, all);
  };
  list.replaceChildren();
  show([]);
  return transcripts.pipe(
    tap((utterance) => {
      list.append(item(utterance));
      list.parentElement!.scrollTop = list.scrollHeight;
    }),
    scan<Utterance, readonly Utterance[]>((all, utterance) => [...all, utterance], []),
    tap(show),
  );
}

function item(utterance: Utterance): HTMLElement {
  const { participant, provider, model, latencyMs, sentiment, language, held } = utterance;
  const feeling = sentiment.supported
    ? `${sentiment.label} ${sentiment.compound.toFixed(2)}`
    : `sentiment ${sentiment.label}`;
  const facts = [
    feeling,
    `${provider} ${model}`,
    `${latencyMs} ms after the last word`,
    ...(held ? ['while on hold'] : []),
  ];
  const text = element('q', { dir: 'auto', ...(language !== null && { lang: language }) });
  text.append(utterance.text);
  const speaker = element('strong', { class: styleOf(participant.identity) }, participant.identity);
  const details = element('small', { class: sentiment.label }, facts.join(', '));
  return element('li', {}, speaker, ' ', text, ' ', details);
}
