import { expect } from 'chai';

import { table } from '../../bench/table.js';

describe('table', () => {
  it('should align the first column to the left and the others to the right', () => {
    const rows = [
      { what: 'warm', n: '50', ms: '7.1' },
      { what: 'cold, 5 s', n: '5', ms: '102.3' },
    ];
    expect(table(rows)).to.equal(
      ['what        n     ms', 'warm       50    7.1', 'cold, 5 s   5  102.3'].join('\n'),
    );
  });

  it('should be as wide as a heading that is wider than its cells', () => {
    expect(table([{ a: '1', target: 'ok' }])).to.equal('a  target\n1      ok');
  });

  it('should leave missing cells blank, and no blanks at the end of a line', () => {
    expect(table([{ a: '1', b: '22' }, { a: '2' }])).to.equal('a   b\n1  22\n2');
  });

  it('should be empty without rows', () => {
    expect(table([])).to.equal('');
  });
});
