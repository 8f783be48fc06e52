import { z } from 'zod';
import type { SttProvider } from '../../operators/types.js';

const PROVIDERS = ['groq', 'deepgram', 'elevenlabs'] as const satisfies readonly SttProvider[];

/** A speech provider, by its name. */
export const provider = z.enum(PROVIDERS);
