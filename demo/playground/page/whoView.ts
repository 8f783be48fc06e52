import { byId } from './byId.js';
import { element } from './element.js';

/** Says who one is on this page, and where one is the other. */
export function whoView(me: 'caller' | 'agent'): void {
  const other = me === 'caller' ? 'agent' : 'caller';
  const words = `You are the ${me}. `;
  const where = other === 'caller' ? '?' : '?as=agent';
  const link = element('a', { href: where, target: '_blank' }, `Open a second tab as the ${other}`);
  byId('who').replaceChildren(words, link);
  document.title = `${me} – ${document.title}`;
}
