import { z } from 'zod';

/** Columns of texts, of lists of texts, or of messages in JSON. Null: all columns of texts and of lists of texts. */
const textColumns = z.array(z.string()).min(1).nullable().default(null);

/** The normalization forms of Unicode (UAX #15). */
export const UnicodeForm = z.enum(['NFC', 'NFD', 'NFKC', 'NFKD']);
export type UnicodeForm = z.infer<typeof UnicodeForm>;

/** Texts are written in a normalization form of Unicode, so that equal characters are equal bytes. */
export const NormalizeUnicode = z.object({
  kind: z.literal('normalizeUnicode'),
  columns: textColumns,
  form: UnicodeForm,
});
export type NormalizeUnicode = z.infer<typeof NormalizeUnicode>;

/** Characters that nobody sees are removed, but for those that an emoji or a script needs. */
export const RemoveControlCharacters = z.object({
  kind: z.literal('removeControlCharacters'),
  columns: textColumns,
});
export type RemoveControlCharacters = z.infer<typeof RemoveControlCharacters>;

/** Texts in UTF-8 that were read in another encoding are repaired. */
export const RepairMojibake = z.object({ kind: z.literal('repairMojibake'), columns: textColumns });
export type RepairMojibake = z.infer<typeof RepairMojibake>;

/** HTML becomes the text that its reader sees. */
export const HtmlToText = z.object({ kind: z.literal('htmlToText'), columns: textColumns });
export type HtmlToText = z.infer<typeof HtmlToText>;

export const LetterCase = z.enum(['lower', 'upper', 'sentence', 'title']);
export type LetterCase = z.infer<typeof LetterCase>;

/** Texts are written in one case. */
export const ChangeCase = z.object({
  kind: z.literal('changeCase'),
  columns: textColumns,
  to: LetterCase,
  /** The language, as BCP 47 has it, whose rules hold: “tr” has İ for i. Null: the rules of most languages. */
  language: z.string().nullable().default(null),
});
export type ChangeCase = z.infer<typeof ChangeCase>;

/** What a regular expression matches is replaced. */
export const ReplacePattern = z.object({
  kind: z.literal('replacePattern'),
  columns: textColumns,
  /** A regular expression in the syntax of RE2, which is matched in time linear in the length of the text. */
  pattern: z.string(),
  /** `$1` and `$<name>` stand for what a group matched, `$&` for all of the match, `$$` for a dollar. */
  replacement: z.string(),
  ignoreCase: z.boolean().default(false),
  /** Whether only the first match in each text is replaced. */
  firstOnly: z.boolean(),
});
export type ReplacePattern = z.infer<typeof ReplacePattern>;

/** Labels get other names; several that get the same become one class. */
export const MapLabels = z.object({
  kind: z.literal('mapLabels'),
  /** A column of texts, or of lists of texts. */
  column: z.string(),
  /** Null as the new name: the label is removed, and a row that had no other has a missing one. */
  labels: z.array(z.object({ from: z.string(), to: z.string().nullable().default(null) })),
  /** Whether “Spam” counts as “spam”. */
  ignoreCase: z.boolean().default(false),
  /** Whether white space at the ends does not count, and runs of it count as one space. */
  ignoreWhiteSpace: z.boolean(),
  /** What becomes of labels that are not named: KEEP, they stay; REMOVE, as if they were mapped to null. */
  others: z.enum(['KEEP', 'REMOVE']),
});
export type MapLabels = z.infer<typeof MapLabels>;

/** Columns get other names. */
export const RenameColumns = z.object({
  kind: z.literal('renameColumns'),
  names: z.array(z.object({ from: z.string(), to: z.string() })),
});
export type RenameColumns = z.infer<typeof RenameColumns>;

/** A new column of texts is made of several columns. A row that has no value in all of them has none in it. */
export const MergeColumns = z.object({
  kind: z.literal('mergeColumns'),
  columns: z.array(z.string()),
  /** The name of the new column; that of a merged column if `dropMerged`. */
  as: z.string(),
  /** What stands between two values; missing values are left out. Null: `template` is given. */
  separator: z.string().nullable().default(null),
  /** A text with `{column}` for the value of each column, and `{{` for a brace. Null: `separator` is given. */
  template: z.string().nullable().default(null),
  /** Whether the merged columns are left out afterwards. */
  dropMerged: z.boolean(),
});
export type MergeColumns = z.infer<typeof MergeColumns>;
