/** What a list of rewards may hold. Characters are UTF-16 code units. */
export const rewardLimits = {
  maxRewards: 16,
  maxNameCharacters: 64,
  /** Of a weight, either sign. */
  maxWeight: 1e6,
  /** Of a value times its weight, either sign: squares of sums still are far from what float32 holds. */
  maxReward: 1e15,
  maxLength: 1_000_000,
  maxTexts: 1_000,
  maxTextCharacters: 1_000,
  maxSchemaCharacters: 16_384,
  /** Objects and lists of a JSON Schema, itself among them. */
  maxSchemaParts: 500,
  maxSchemaDepth: 32,
  /** Of its patterns together: a class such as \pL takes a fifth of a millisecond to compile. */
  maxSchemaPatternCharacters: 4_000,
  /** Schemas in one `allOf`, `anyOf` or `oneOf`. */
  maxSchemaBranches: 100,
  /**
   * References that are followed, rounds through them, and values that `uniqueItems` compares, when one value is held
   * to a schema.
   */
  maxSchemaSteps: 50_000,
  /**
   * Characters that the patterns of a schema read when one value is held to it, times the instructions of each: about
   * a second.
   */
  maxSchemaReads: 30_000_000,
  /** Matches of one `answerPattern` that are looked at. */
  maxMatches: 1_000,
  /** Characters that they read together, times the pattern's instructions: one to two seconds. */
  maxMatchReads: 50_000_000,
  maxNgram: 20,
  maxUrlCharacters: 2_048,
  minTimeoutMs: 100,
  maxTimeoutMs: 120_000,
  maxRetries: 10,
  /** Completions in one request to a reward service. */
  maxBatchSize: 256,
  /** Of the body of one request to a reward service; a larger batch is cut in two. */
  maxRequestBytes: 8 * 2 ** 20,
  /** Of the body of its answer. */
  maxResponseBytes: 2 ** 20,
} as const;
