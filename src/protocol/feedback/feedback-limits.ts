/** What questions, items and answers may hold. Lengths are in UTF-16 code units. */
export const feedbackLimits = {
  maxStrengths: 5,
  maxRatings: 101,
  maxClasses: 500,
  maxNameCharacters: 200,
  maxTextCharacters: 100_000,
  maxMessages: 200,
  maxAnswers: 20,
  maxSpans: 1000,
  maxReasonCharacters: 5_000,
} as const;
