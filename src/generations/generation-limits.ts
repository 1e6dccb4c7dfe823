/** What one call of `generate` may ask for. Characters are UTF-16 code units. */
export const generationLimits = {
  maxPrompts: 64,
  /** Of a text, or of a conversation's messages together. */
  maxPromptCharacters: 200_000,
  maxMessages: 1_000,
  maxRoleCharacters: 64,
  /** Prompts × samples. */
  maxAnswers: 128,
  maxTokens: 32_768,
  defaultTokens: 256,
  maxTemperature: 10,
  maxRepetitionPenalty: 10,
  maxPenalty: 2,
  maxStops: 16,
  maxStopCharacters: 200,
  maxChoices: 1_000,
  maxChoiceCharacters: 1_000,
  maxSchemaCharacters: 50_000,
  maxTopLogProbabilities: 20,
  maxWaitSeconds: 300,
  /** Generations of a project that wait or run. */
  maxUnfinished: 100,
} as const;
