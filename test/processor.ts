/**
 * Milliseconds of processor time that this process has taken, on all its threads. What else the machine does adds
 * nothing, as it does to the clock.
 */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
