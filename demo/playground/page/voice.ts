import { type Room, Track } from 'livekit-client';

/** Longer than the pause that ends an utterance, in seconds. */
const PAUSE_S = 0.6;

/** What this page sends: the microphone while it is on, and phrases over it. */
export class Voice {
  private readonly output: MediaStreamAudioDestinationNode;
  private readonly microphone: GainNode;
  private stream: MediaStream | undefined;
  private isWanted = false;
  private said: Promise<unknown> = Promise.resolve();

  constructor(private readonly context: AudioContext) {
    this.output = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    this.microphone = new GainNode(context);
    this.microphone.connect(this.output);
  }

  /** Publishes it in a room; silence, as long as nothing is said. */
  async publish(room: Room): Promise<void> {
    const [track] = this.output.stream.getAudioTracks();
    const options = { name: 'voice', source: Track.Source.Microphone };
    await room.localParticipant.publishTrack(track!.clone(), options);
  }

  /** Opens or closes the microphone. Rejects with words for a person. */
  async listen(on: boolean): Promise<void> {
    this.isWanted = on;
    stop(this.stream);
    this.stream = undefined;
    if (!on) return;
    const stream = await navigator.mediaDevices
      .getUserMedia({ audio: true })
      .catch((cause: unknown) => {
        throw new Error(whyDeaf(cause), { cause });
      });
    // Whoever has hung up while the browser asked is not to be listened to.
    if (!this.isWanted) {
      stop(stream);
      return;
    }
    this.stream = stream;
    this.context.createMediaStreamSource(stream).connect(this.microphone);
  }

  /** Plays a recording as one's voice, after those before it. Resolves when it has been said. */
  say(recording: ArrayBuffer): Promise<void> {
    const done = this.said.then(() => this.play(recording));
    this.said = done.catch(() => undefined);
    return done;
  }

  /** Two voices at once are understood by nobody, nor is one that runs into the other. */
  private async play(recording: ArrayBuffer): Promise<void> {
    const buffer = await this.context.decodeAudioData(recording);
    const source = new AudioBufferSourceNode(this.context, { buffer });
    source.connect(this.output);
    this.microphone.gain.value = 0;
    const start = this.context.currentTime + PAUSE_S;
    await new Promise((ended) => {
      source.addEventListener('ended', ended, { once: true });
      source.start(start);
    });
    this.microphone.gain.setValueAtTime(1, this.context.currentTime + PAUSE_S);
  }
}

function stop(stream: MediaStream | undefined): void {
  stream?.getTracks().forEach((track) => track.stop());
}

function whyDeaf(cause: unknown): string {
  const name = cause instanceof DOMException ? cause.name : '';
  const instead = 'You hear everything, and can have a phrase said for you.';
  if (name === 'NotAllowedError') {
    return `The microphone was refused. Allow it beside the address, then try again. ${instead}`;
  }
  if (name === 'NotFoundError') return `There is no microphone. ${instead}`;
  if (name === 'NotReadableError') return `Another program has the microphone. ${instead}`;
  return `The microphone cannot be used: ${String(cause)}. ${instead}`;
}
