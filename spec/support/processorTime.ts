/**
 * Milliseconds that this process works on a processor from now on, by calling the result. How long
 * others keep it from one is not in it.
 */
export function processorTime(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1_000;
  };
}
