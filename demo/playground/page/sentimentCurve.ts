import type { Utterance } from './transcripts.js';

const SVG = 'http://www.w3.org/2000/svg';
const [WIDTH, HEIGHT, MARGIN] = [600, 120, 10];
/** As many utterances as can be told apart. */
const SHOWN = 30;

/** Draws how the latest utterances feel, a line for each speaker, and says the last in words. */
export function sentimentCurve(svg: Element, utterances: readonly Utterance[]): void {
  const judged = utterances.filter(({ sentiment }) => sentiment.supported).slice(-SHOWN);
  const speakers = [...new Set(judged.map(({ participant }) => participant.identity))];
  svg.replaceChildren(
    line([MARGIN, WIDTH - MARGIN].map((x) => [x, HEIGHT / 2])),
    ...speakers.flatMap((speaker) => {
      const points = judged.flatMap(({ participant, sentiment }, position) =>
        participant.identity === speaker ? [at(position, judged.length, sentiment.compound)] : [],
      );
      const style = styleOf(speaker);
      return [line(points, style), ...points.map((point) => dot(point, style))];
    }),
  );
  svg.setAttribute('aria-label', inWords(judged.at(-1)));
}

/** How a speaker's part of the transcript looks. */
export function styleOf(identity: string): string {
  return identity === 'caller' ? 'speaker-1' : 'speaker-2';
}

function at(position: number, count: number, compound: number): readonly [number, number] {
  const share = count === 1 ? 0.5 : position / (count - 1);
  return [
    MARGIN + share * (WIDTH - 2 * MARGIN),
    HEIGHT / 2 - compound * (HEIGHT / 2 - MARGIN),
  ] as const;
}

function inWords(last: Utterance | undefined): string {
  if (last === undefined) return 'Sentiment: nothing yet';
  const { participant, sentiment } = last;
  return `Sentiment: last ${sentiment.label}, ${sentiment.compound.toFixed(2)}, by ${participant.identity}`;
}

function line(points: readonly (readonly number[])[], style = 'axis'): SVGElement {
  const shape = document.createElementNS(SVG, 'polyline') as SVGElement;
  shape.setAttribute('points', points.map((point) => point.join()).join(' '));
  shape.setAttribute('class', style);
  return shape;
}

function dot([x, y]: readonly [number, number], style: string): SVGElement {
  const shape = document.createElementNS(SVG, 'circle') as SVGElement;
  const place = { cx: `${x}`, cy: `${y}`, r: '5', class: style };
  for (const [name, value] of Object.entries(place)) shape.setAttribute(name, value);
  return shape;
}
