/** What tasks may ask for. */
export const taskLimits = {
  maxDescriptionCharacters: 5_000,
  maxInstructionsCharacters: 50_000,
  maxOverlap: 100,
  defaultSureAt: 0.9,
  defaultAgreementUnits: 50,
  defaultRandomShare: 0.1,
  /** Below it, estimates over all items would be of a few answers with great weights. */
  minRandomShare: 0.01,
  minClaimSeconds: 1,
  maxClaimSeconds: 7 * 24 * 3600,
  defaultClaimSeconds: 30 * 60,
  maxParticipants: 1000,
  /** Of gold items, and of repeated ones. */
  maxExtraShare: 0.5,
  maxItems: 1_000_000,
} as const;
