/** What the statistics of a task may take. */
export const resultLimits = {
  /** Of more answers, statistics are refused. */
  maxAnswers: 200_000,
  /** Of labels, ranks, spans and probabilities, as they are read. */
  maxCharacters: 250_000_000,
  /** Of numbers and texts; arrays of probabilities are not in it. */
  maxThreadMegabytes: 2_048,
  /** Pairs of answers that are compared: of a ranking of 20 answers 190. */
  maxComparisons: 2_000_000,
  minRounds: 100,
  maxRounds: 2_000,
  defaultRounds: 1_000,
  /** Control of style fits a regression to all comparisons in each round: rounds · comparisons. */
  maxStyledComparisons: 50_000_000,
  defaultStyleRounds: 100,
  /** Ratings take time with the cube of what is rated. */
  maxCompetitors: 100,
  maxPeople: 1_000,
  maxMs: 120_000,
  maxWaiting: 10,
  idleMs: 60_000,
  /** Results of `likelyAnswers` that are kept for further pages. */
  keptResults: 4,
} as const;
