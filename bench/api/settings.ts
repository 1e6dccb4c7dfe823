import { isToy } from '../is-toy.js';

const { ATTUNE_BENCH_ONLY, ATTUNE_BENCH_ROUNDS, ATTUNE_BENCH_SECONDS, ATTUNE_BENCH_HOME, ATTUNE_BENCH_PYTHON } =
  process.env;
const { ATTUNE_BENCH_PEERS, ATTUNE_BENCH_SHARE } = process.env;

/** Fewer rounds or shorter turns are a trial, of which no document is written. */
export const documented = { rounds: 5, seconds: 3 };

/** What main.ts says of the environment's variables. */
export const settings = {
  /** Names of works; null: all. */
  only: ATTUNE_BENCH_ONLY?.split(',') ?? null,
  rounds: isToy ? 1 : Number(ATTUNE_BENCH_ROUNDS ?? 5),
  /** Of each turn of a side. */
  seconds: isToy ? 0.3 : Number(ATTUNE_BENCH_SECONDS ?? 3),
  /** The folder that databases are kept in for the next time; null: a temporary one. */
  home: isToy ? null : (ATTUNE_BENCH_HOME ?? null),
  python: isToy ? null : (ATTUNE_BENCH_PYTHON ?? null),
  /** Names of the sides beside Attune that are measured; null: all. */
  peers: ATTUNE_BENCH_PEERS?.split(',') ?? null,
  /** Of the rows of the works that need very many. */
  share: isToy ? 0.001 : Number(ATTUNE_BENCH_SHARE ?? 1),
  isToy,
};
