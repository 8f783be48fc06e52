import { byId } from './byId.js';
import { isOut, type Line } from './fromCall.js';

/** Says how it stands with the call, and on the one button what can be done about it. */
export function lineView(now: Line): void {
  byId('state').textContent = inWords(now);
  byId('join').textContent = isOut(now) ? 'Join the call' : 'Hang up';
}

function inWords(now: Line): string {
  switch (now.state) {
    case 'out':
      return 'You are not in the call.';
    case 'joining':
      return 'Joining…';
    case 'in':
      return `You are in the call ${now.room.name}.`;
    case 'reconnecting':
      return 'The connection to the call is lost. Reconnecting…';
    case 'over':
      return now.words;
  }
}
