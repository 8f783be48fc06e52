import type { DemoParticipant } from '../../demo/participants/joinRoom.js';
import type { ReceivedCaption } from '../../demo/participants/transcripts.js';
import { seenSoFar } from './seenSoFar.js';

/** Captions that somebody has received so far, in the order in which they were sent. */
export const captionsOf = ({ captions }: DemoParticipant): readonly ReceivedCaption[] =>
  [...seenSoFar(captions)].sort((a, b) => a.index - b.index);
