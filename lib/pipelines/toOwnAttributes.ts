import type { OperatorFunction } from 'rxjs';
import type { Attributes } from '../../operators/types.js';
import { toAttributes } from '../../streams/toAttributes.js';
import type { TargetDeps } from './target.js';

/**
 * Merges each map into the attributes of the bot's own participant, see `toAttributes`.
 *
 * @param problem what is logged where one could not be written at last.
 */
export function toOwnAttributes(
  { api, roomName, identity, logger }: Pick<TargetDeps, 'api' | 'roomName' | 'identity' | 'logger'>,
  problem: string,
): OperatorFunction<Attributes, never> {
  return toAttributes({ api, room: roomName, identity }, (error) =>
    logger.warn(problem, { identity, error }),
  );
}
