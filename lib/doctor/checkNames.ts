/** Everything that is looked at, in this order. */
export const CHECK_NAMES = [
  'settings',
  'name',
  'address',
  'clock',
  'keys',
  'permissions',
  'media',
  'agent',
  'ice',
  'deepgram',
  'elevenlabs',
  'groq',
] as const;

/** Something that is looked at. */
export type CheckName = (typeof CHECK_NAMES)[number];
