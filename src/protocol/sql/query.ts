/**
 * Runs one statement on one connection and returns its rows. What API and worker both do to a run is written against
 * this.
 */
export type Query = <Row>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;
