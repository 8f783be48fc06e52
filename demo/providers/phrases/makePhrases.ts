import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { firstValueFrom, of } from 'rxjs';

import { encodeWav } from '../../../operators/encodeWav.js';
import { trimmed, type Trimmed } from './trimmed.js';
import { voices, type Voice } from './voices.js';

/** Where Debian's asterisk-core-sounds-en-wav puts its recordings. */
const ASTERISK = '/usr/share/asterisk/sounds/en_US_f_Allison';
const RATE = 16_000;
/** Marks of Arabic vowels: the synthesiser needs them, nobody writes them. */
const VOWEL_MARKS = /[\u064b-\u0652\u0670]/g;

/** Commas make a synthesiser pause for so long that the utterance would end there. */
const COMMAS = /[,،]/g;

const folder = mkdtempSync(join(tmpdir(), 'phrases-'));
const index = [];
for (const spoken of voices) {
  const { samples, startMs, endMs } = speech(spoken);
  const { file, language, by } = spoken;
  const text = spoken.text.replaceAll(VOWEL_MARKS, '');
  const wav = of({ samples, sampleRate: RATE }).pipe(encodeWav());
  await writeFile(new URL(file, import.meta.url), await firstValueFrom(wav, { defaultValue: '' }));
  index.push({ file, text, language, voice: by.join(' '), startMs, endMs });
}
rmSync(folder, { recursive: true });
await writeFile(new URL('index.json', import.meta.url), `${JSON.stringify(index, null, 2)}\n`);

function speech(spoken: Voice): Trimmed {
  const to = ['-f', 's16le', '-ac', '1', '-ar', String(RATE), 'pipe:1'];
  const pcm = execFileSync('ffmpeg', ['-v', 'error', '-i', record(spoken), ...to]);
  return trimmed(new Int16Array(Uint8Array.from(pcm).buffer), RATE);
}

/** Has a voice say its text; the path of the recording. */
function record({ by: [engine, name, speed = ''], text }: Voice): string {
  if (engine === 'asterisk') return join(ASTERISK, `${name}.wav`);
  const file = join(folder, 'voice.wav');
  const fluent = text.replaceAll(COMMAS, '');
  if (engine === 'flite') execFileSync('flite', ['-voice', name, '-t', fluent, '-o', file]);
  else execFileSync('espeak-ng', ['-v', name, '-s', speed, '-w', file, fluent]);
  return file;
}
