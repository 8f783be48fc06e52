import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Prints what happens, as it happens, and keeps account of what was expected to. */
export class Timeline {
  private readonly start = performance.now();
  private readonly results: { readonly what: string; readonly met: boolean }[] = [];

  /** What happened, without judging it. */
  say(who: string, what: string): void {
    this.print(who, what);
  }

  /** What was expected, and whether it happened. */
  expect(who: string, what: string, met: boolean): void {
    this.results.push({ what: `${who} ${what}`, met });
    this.print(who, what, met);
  }

  /** Prints the account. Resolves to whether every expectation, of at least one, was met. */
  summarize(): boolean {
    const failed = this.results.filter(({ met }) => !met);
    const met = this.results.length - failed.length;
    console.log(`\n${met} of ${this.results.length} expectations met`);
    for (const { what } of failed) console.log(paint('red', `  failed: ${what}`));
    return met > 0 && failed.length === 0;
  }

  private print(who: string, what: string, met?: boolean): void {
    const seconds = ((performance.now() - this.start) / 1_000).toFixed(3).padStart(8);
    const mark = met === undefined ? ' ' : met ? paint('green', '✓') : paint('red', '✗');
    console.log(`${paint('dim', `${seconds} s`)} ${mark} ${paint('cyan', who.padEnd(12))} ${what}`);
  }
}

function paint(style: Style, text: string): string {
  return process.stdout.isTTY ? styleText(style, text) : text;
}
