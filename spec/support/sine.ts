/** A sine of so many milliseconds at 48 kHz mono; `dbfs` is its peak. */
export function sine(hz: number, ms: number, dbfs = -12): Int16Array {
  const amplitude = 32_767 * 10 ** (dbfs / 20);
  return Int16Array.from({ length: ms * 48 }, (_, n) =>
    Math.round(amplitude * Math.sin((2 * Math.PI * hz * n) / 48_000)),
  );
}
