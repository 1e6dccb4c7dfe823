/** What the status of the process says. docs/command-line.md has the same table. */
export const exitCodes = {
  ok: 0,
  /** The server refused, or what was named is not there. */
  refused: 1,
  /** The command line was wrong. */
  usage: 2,
  /** The server could not be reached. */
  connection: 3,
  /** What was waited for ended as FAILED or CANCELED. */
  failed: 4,
  /** As the shell has it for SIGINT: 128 + 2. */
  interrupted: 130,
} as const;
