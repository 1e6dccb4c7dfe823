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
  /** How often a person may change an answer, and how much of what it was before is kept at most. */
  maxChanges: 100,
  maxChangedCharacters: 1_000_000,
  /** How often a person may flag an item, with another reason each time. */
  maxFlags: 100,
} as const;
