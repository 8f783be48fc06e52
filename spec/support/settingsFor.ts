import type { ServerAccess } from '../../demo/participants/mintToken.js';
import { loadSettings, type Settings } from '../../lib/config.js';

/**
 * Settings for a LiveKit server, and accounts at providers that nobody has.
 *
 * @param env environment variables beside these.
 */
export function settingsFor(
  { url, apiKey, apiSecret }: ServerAccess,
  env: Readonly<Record<string, string>> = {},
): Settings {
  return loadSettings({
    LIVEKIT_URL: url,
    LIVEKIT_API_KEY: apiKey,
    LIVEKIT_API_SECRET: apiSecret,
    GROQ_API_KEY: 'no-groq-account',
    DEEPGRAM_API_KEY: 'no-deepgram-account',
    ELEVENLABS_API_KEY: 'no-elevenlabs-account',
    ...env,
  });
}
