import { z } from 'zod';

/** The normalization forms of Unicode (UAX #15). */
export const UnicodeForm = z.enum(['NFC', 'NFD', 'NFKC', 'NFKD']);
export type UnicodeForm = z.infer<typeof UnicodeForm>;

export const LetterCase = z.enum(['lower', 'upper', 'sentence', 'title']);
export type LetterCase = z.infer<typeof LetterCase>;
