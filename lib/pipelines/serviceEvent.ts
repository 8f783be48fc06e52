import type { YieldedUtterance } from '../../operators/adoptSpeech.js';

/** The last utterance on each track that a relieved bot transcribes, by the track's SID. */
export type YieldedSpeech = Readonly<Record<string, YieldedUtterance>>;

/** What serving a room tells of itself, for the sake of a bot that relieves another. */
export type ServiceEvent =
  /** A command of this target has been answered: what loops is heard by now. */
  | { readonly type: 'answered'; readonly identity: string }
  /** The server has accepted this target's isolation. */
  | { readonly type: 'isolated'; readonly identity: string }
  /** The first sound of this voice has come: from now on nothing of it is lost. */
  | { readonly type: 'heard'; readonly trackSid: string }
  /** No new utterance is taken from now on; what has begun is being finished. */
  | { readonly type: 'yielded'; readonly last: YieldedSpeech }
  /** All that had begun to be said before `yielded` has been published. */
  | { readonly type: 'finished' };
