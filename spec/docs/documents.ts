import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Everything that people read about this project. */
export const DOCUMENTS = [
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'helm/media-bot/README.md',
  ...readdirSync('docs').map((file) => join('docs', file)),
];
