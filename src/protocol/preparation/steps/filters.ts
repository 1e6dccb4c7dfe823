import { z } from 'zod';

/** What a value is compared with. Times and numbers beyond 2⁵³ are texts: “2024-05-01T12:30:00”, “9007199254740993”. */
const Comparand = z.union([z.string(), z.number(), z.boolean()], { error: 'Give a text, a number, or true or false.' });
export type Comparand = z.infer<typeof Comparand>;

const column = z.string({ error: 'Name the column that the condition asks about.' });

const ComparisonOperator = z.enum(['equals', 'notEquals', 'less', 'lessOrEqual', 'greater', 'greaterOrEqual']);
export type ComparisonOperator = z.infer<typeof ComparisonOperator>;

const conditionError = { error: 'Give the conditions that are joined.' };

/** Null, as the graph may say it, is false. */
const ignoreCase = z
  .boolean()
  .nullish()
  .transform((given) => given ?? false);

/**
 * A condition of a column’s value, of the split, or of other conditions. Each is true or false: of a missing value,
 * `notEquals`, `notIn` and `isMissing` are true, and all others false.
 */
export const RowCondition = z.discriminatedUnion('operator', [
  z.object({ operator: ComparisonOperator, column, value: Comparand }),
  z.object({ operator: z.enum(['in', 'notIn']), column, values: z.array(Comparand, { error: 'Give the values.' }) }),
  /** Of a text: whether the other is part of it; of a list of texts: whether it is one of its items. */
  z.object({
    operator: z.enum(['contains', 'startsWith', 'endsWith']),
    column,
    value: z.string({ error: 'Give a text.' }),
    ignoreCase,
  }),
  /** A regular expression in the syntax of RE2 that matches anywhere in the text. */
  z.object({
    operator: z.literal('matches'),
    column,
    pattern: z.string({ error: 'Give a pattern.' }),
    ignoreCase,
  }),
  z.object({ operator: z.enum(['isMissing', 'isPresent']), column }),
  z.object({ operator: z.literal('inSplit'), splits: z.array(z.string(), { error: 'Name the splits.' }) }),
  z.object({
    operator: z.literal('and'),
    get conditions(): z.ZodArray<typeof RowCondition> {
      return z.array(RowCondition, conditionError);
    },
  }),
  z.object({
    operator: z.literal('or'),
    get conditions(): z.ZodArray<typeof RowCondition> {
      return z.array(RowCondition, conditionError);
    },
  }),
  z.object({
    operator: z.literal('not'),
    get condition(): typeof RowCondition {
      return RowCondition;
    },
  }),
]);
export type RowCondition = z.infer<typeof RowCondition>;
export type SingleCondition = Exclude<RowCondition, { operator: 'and' } | { operator: 'or' } | { operator: 'not' }>;

/** Only rows stay for which a condition is true. */
export const FilterRows = z.object({ kind: z.literal('filterRows'), where: RowCondition });
export type FilterRows = z.infer<typeof FilterRows>;

/** Rows whose text is shorter or longer than it may be are dropped. */
export const FilterLength = z.object({
  kind: z.literal('filterLength'),
  /** A column of texts; of lists of texts, or of messages in JSON, whose lengths are added. */
  column: z.string(),
  /** Characters are code points of Unicode; words stand between white space; tokens are those of a model. */
  unit: z.enum(['characters', 'words', 'tokens']),
  atLeast: z.number().int().nullable().default(null),
  atMost: z.number().int().nullable().default(null),
  /** Digest of the manifest of the model whose tokens are counted, with those that its input begins and ends with. */
  model: z.string().nullable().default(null),
  /** Whether rows without a text are kept. */
  keepMissing: z.boolean(),
});
export type FilterLength = z.infer<typeof FilterLength>;

/** Rows are kept or dropped by the language of a text. */
export const FilterLanguage = z.object({
  kind: z.literal('filterLanguage'),
  column: z.string(),
  /** KEEP: rows in one of the languages stay; DROP: they go; MARK: all stay, and `as` says what they are in. */
  action: z.enum(['KEEP', 'DROP', 'MARK']),
  /** ISO 639-1 codes. */
  languages: z.array(z.string()),
  /** From 0 to 1. Below it a language counts as unknown. */
  minConfidence: z.number(),
  /** Whether rows stay whose language is unknown: short texts, numbers, missing texts. */
  keepUnknown: z.boolean(),
  /** The name of a new column with the code of each row’s language, null where it is unknown. Null: none is made. */
  as: z.string().nullable().default(null),
});
export type FilterLanguage = z.infer<typeof FilterLanguage>;

/** Only some rows stay, by lot. The same seed and rows give the same sample; a larger one contains a smaller. */
export const SampleRows = z.object({
  kind: z.literal('sampleRows'),
  seed: z.number().int(),
  /** How many rows stay; with `within`, of each group. Null: `share` is given. */
  count: z.number().int().nullable().default(null),
  /** The share of the rows that stay, of each group; rounded to the nearest number of rows. Null: `count` is given. */
  share: z.number().nullable().default(null),
  /** What the groups are: splits, or values of a column. Null: all rows are one group. */
  within: z
    .union([z.object({ kind: z.literal('split') }), z.object({ kind: z.literal('column'), column: z.string() })])
    .nullable()
    .default(null),
});
export type SampleRows = z.infer<typeof SampleRows>;
