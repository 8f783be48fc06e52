import { distinctUntilChanged, filter, map, type OperatorFunction, pipe, scan } from 'rxjs';
import { isSttCommanded } from './isSttCommanded.js';
import { parseSttCommand, type SttCommand } from './parseSttCommand.js';
import type { Attributes } from './types.js';

const NOTHING_ASKED: { readonly commanded: boolean; readonly attributes: Attributes } = {
  commanded: false,
  attributes: {},
};

/**
 * What is asked of transcription, each command once: what the dispatch says, until the bot's own
 * attributes have commanded something themselves.
 *
 *     attributes  --{}---{on}--{on}--{}----
 *     result      --D----O-----------X-----     D: the dispatch; X: what is deleted is a stop
 *
 * @param dispatch `stt.*` as the dispatch asks for them; none where it does not.
 */
export function sttCommands(dispatch: Attributes = {}): OperatorFunction<Attributes, SttCommand> {
  return pipe(
    scan((before, attributes) => {
      // A bot that rejoins does not obey the dispatch against what has been commanded since.
      const commanded = before.commanded || isSttCommanded(attributes);
      return { commanded, attributes: commanded ? attributes : { ...attributes, ...dispatch } };
    }, NOTHING_ASKED),
    filter(({ commanded, attributes }) => commanded || attributes['stt.enabled'] !== undefined),
    map(({ attributes }) => parseSttCommand(attributes)),
    distinctUntilChanged((a, b) => a.id === b.id),
  );
}
