/** The worker's own log, for those who run it; what a user should see of a run is a `logLine` event. pino's methods fit. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
