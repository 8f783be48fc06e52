import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import ts from 'typescript';
import * as exported from '../../operators/index.js';

/** A function that is exported: its docstring, and the type that it says it returns. */
interface Documented {
  readonly name: string;
  readonly doc: string;
  readonly returns: string;
}

/** The functions that a source file exports. */
function functionsOf(text: string): Documented[] {
  const file = ts.createSourceFile('operator.ts', text, ts.ScriptTarget.Latest, true);
  return file.statements.filter(ts.isFunctionDeclaration).map((statement) => ({
    name: statement.name?.text ?? '',
    doc: ts
      .getJSDocCommentsAndTags(statement)
      .map((doc) => doc.getText())
      .join('\n'),
    returns: statement.type?.getText() ?? '',
  }));
}

/** Whatever gives or changes a stream is drawn; all else is a plain function. */
const isStream = ({ returns }: Documented) =>
  /^(Observable|(MonoType)?OperatorFunction)</.test(returns);

/** An indented line of a time axis that is called the result. */
const isDrawn = ({ doc }: Documented) => /^ \* {5}result +\S*[-(|]/m.test(doc);

const undrawn = (functions: readonly Documented[]) =>
  functions.filter((it) => isStream(it) && !isDrawn(it)).map(({ name }) => name);

describe('operators/index.ts', () => {
  const index = readFileSync('operators/index.ts', 'utf8');
  const paths = [...index.matchAll(/from '\.\/(\w+)\.js'/g)].map(([, name = '']) => name);
  const functions = paths
    .flatMap((name) => functionsOf(readFileSync(`operators/${name}.ts`, 'utf8')))
    .filter(({ name }) => name in exported);

  it('should export operators that draw what they do', () => {
    expect(functions.filter(isStream).map(({ name }) => name)).to.include.members([
      'scaleGain',
      'decodeMp3',
      'holdTone',
      'concatMapBounded',
    ]);
    expect(undrawn(functions)).to.deep.equal([]);
  });

  it('should not take words, or a picture of the source alone, for a drawing', () => {
    const operator = 'export function mute(): MonoTypeOperatorFunction<PcmFrame> {}';
    const documented = (...lines: string[]) =>
      functionsOf(['/**', ...lines.map((line) => ` * ${line}`), ' */', operator].join('\n'));
    expect(undrawn(functionsOf(operator))).to.deep.equal(['mute']);
    expect(undrawn(documented('The result is silence.'))).to.deep.equal(['mute']);
    expect(undrawn(documented('Mutes.', '', '    source  --a--|'))).to.deep.equal(['mute']);
    expect(undrawn(documented('Mutes.', '', '    result  --A--|'))).to.deep.equal([]);
  });
});
