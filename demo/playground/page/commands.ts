import { fromEvent, map, merge, type Observable } from 'rxjs';

import type { Command } from '../requests.js';
import { byId } from './byId.js';

/** What the pressed buttons of the Call Service ask for. */
export function commands(): Observable<Command> {
  const buttons = [...document.querySelectorAll<HTMLButtonElement>('button[data-do]')];
  return merge(...buttons.map((button) => fromEvent(button, 'click').pipe(map(() => button)))).pipe(
    map(({ dataset }) => toCommand(dataset.do!)),
  );
}

function toCommand(name: string): Command {
  const target = document.querySelector<HTMLInputElement>('input[name=target]:checked')!.value;
  const language = (byId('language') as HTMLSelectElement).value;
  switch (name) {
    case 'transcribe':
      return { do: 'transcribe', enabled: true, ...(language !== '' && { language }) };
    case 'silence':
      return { do: 'transcribe', enabled: false };
    case 'dispatch':
      return { do: 'dispatch' };
    default:
      return { do: name, target } as Command;
  }
}
