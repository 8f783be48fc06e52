/** A row by its columns' headings. */
export type Row = Readonly<Record<string, string>>;

const GAP = '  ';

/**
 * Rows as lines of text under their headings, which are those of the first row: the first column
 * to the left, the others, as figures are, to the right. A missing cell is left blank.
 */
export function table(rows: readonly Row[]): string {
  const headings = Object.keys(rows[0] ?? {});
  const lines = [headings, ...rows.map((row) => headings.map((heading) => row[heading] ?? ''))];
  const widths = headings.map((_, column) =>
    Math.max(...lines.map((line) => line[column]!.length)),
  );
  const align = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  return lines.map((line) => line.map(align).join(GAP).trimEnd()).join('\n');
}
