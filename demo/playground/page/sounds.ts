import { RemoteAudioTrack, type Room } from 'livekit-client';
import { EMPTY, finalize, interval, map, type Observable, using } from 'rxjs';

import { mergeMapPresent } from '../../../operators/mergeMapPresent.js';
import { type Person, people } from './people.js';

/** What one received track sounds like at one moment. */
export interface Sound {
  readonly sid: string;
  /** Identity of the one who publishes it. */
  readonly from: string;
  /** Mean level of the last 85 ms; silence is -100. */
  readonly dbfs: number;
  /** Loudest frequency, where there is sound. */
  readonly hz: number | undefined;
  /** Level of each band, 0 (-100 dB) to 255 (-20 dB), from 0 Hz up in steps of 11.7 Hz. */
  readonly spectrum: Uint8Array;
}

/** Ten times a second is fluent, and a tab in the background is allowed no more than one. */
const PERIOD_MS = 100;
const FLOOR_DBFS = -100;
/** What is quieter is silence: Opus' own noise, or the end of a fade. */
export const AUDIBLE_DBFS = -60;
/** 85 ms at 48 kHz. */
const WINDOW = 4_096;

/** Plays everything that is received, and measures each track by itself. */
export function sounds(room: Room, context: AudioContext): Observable<Sound> {
  return people(room).pipe(
    map((list) => list.flatMap(({ tracks }) => tracks.filter(isReceived).map(({ sid }) => sid))),
    mergeMapPresent((sid) => listenTo(room, sid, context)),
  );
}

const isReceived = ({ isReceived }: Person['tracks'][number]) => isReceived;

function listenTo(room: Room, sid: string, context: AudioContext): Observable<Sound> {
  const publication = find(room, sid);
  if (!(publication?.track instanceof RemoteAudioTrack)) return EMPTY;
  const { from, track } = publication;
  return using(
    () => {
      // Chromium hands a remote track to an analyser only while it is being played, too.
      const player = track.attach();
      document.body.append(player);
      return { unsubscribe: () => track.detach().forEach((element) => element.remove()) };
    },
    () => {
      const source = context.createMediaStreamSource(new MediaStream([track.mediaStreamTrack]));
      const analyser = new AnalyserNode(context, { fftSize: WINDOW, smoothingTimeConstant: 0 });
      analyser.maxDecibels = -20;
      source.connect(analyser);
      return interval(PERIOD_MS).pipe(
        map(() => ({ sid, from, ...measure(analyser) })),
        finalize(() => source.disconnect()),
      );
    },
  );
}

function find(room: Room, sid: string) {
  return [...room.remoteParticipants.values()]
    .flatMap(({ identity, audioTrackPublications }) =>
      [...audioTrackPublications.values()].map(({ trackSid, track }) => ({
        from: identity,
        sid: trackSid,
        track,
      })),
    )
    .find((publication) => publication.sid === sid);
}

function measure(analyser: AnalyserNode): Pick<Sound, 'dbfs' | 'hz' | 'spectrum'> {
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const dbfs = Math.max(FLOOR_DBFS, 10 * Math.log10(power));
  const spectrum = new Uint8Array(analyser.frequencyBinCount);
  analyser.getByteFrequencyData(spectrum);
  return { dbfs, hz: dbfs < AUDIBLE_DBFS ? undefined : loudest(analyser), spectrum };
}

/** Between two bins: the vertex of the parabola through the loudest and its neighbours. */
function loudest(analyser: AnalyserNode): number {
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const top = bins.reduce((best, level, bin) => (level > bins[best]! ? bin : best), 1);
  const [left, middle, right] = [bins[top - 1]!, bins[top]!, bins[top + 1] ?? -Infinity];
  const bend = left - 2 * middle + right;
  const shift = Number.isFinite(bend) && bend !== 0 ? (left - right) / (2 * bend) : 0;
  return ((top + shift) * analyser.context.sampleRate) / analyser.fftSize;
}
