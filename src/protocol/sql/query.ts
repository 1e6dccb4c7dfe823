/**
 * Runs one statement on one connection and returns its rows. API and worker each bring their own; the statements that
 * they share take it as a parameter.
 *
 * A statement with a name is the same text each time. A worker's connection prepares it once: parsing and planning a
 * long statement takes longer than writing a few rows.
 */
export type Query = <Row>(sql: string, parameters?: readonly unknown[], name?: string) => Promise<Row[]>;
