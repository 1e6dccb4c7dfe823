/** What the driver keeps for itself: how values of JavaScript become parameters. */
declare module 'pg/lib/utils.js' {
  const utils: { prepareValue(value: unknown): string | Buffer | null };
  export default utils;
}
