/**
 * The worker's own log, for whoever runs the worker; users see a run's `logLine` events instead. pino's methods fit
 * this interface.
 */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
