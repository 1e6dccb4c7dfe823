/**
 * Runs one statement on one connection and returns its rows. API and worker each bring their own; the statements that
 * they share take it as a parameter.
 */
export type Query = <Row>(sql: string, parameters?: readonly unknown[]) => Promise<Row[]>;
