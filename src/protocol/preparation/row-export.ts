import { z } from 'zod';
import { ConversationForm } from '../conversation-form.js';

const Column = z.string().min(1);

/** Which rows are written. Null: all of them. */
const splits = z.array(z.string()).readonly().nullable();

/** Which columns are written, in this order. Null: all of them. */
const columns = z.array(Column).min(1).readonly().nullable();

/** A column that names the split of each row, which is added. Null: none is. */
const splitColumn = Column.nullable();

/** How the rows of a dataset version are written into a file. */
export const RowExport = z.discriminatedUnion('format', [
  z.object({
    format: z.literal('CSV'),
    splits,
    columns,
    splitColumn,
    /**
     * Whether an apostrophe is put before texts and names of columns that spreadsheet programs take for formulas.
     * Otherwise all texts are written as they are.
     */
    guardFormulas: z.boolean(),
  }),
  z.object({ format: z.literal('JSONL'), splits, columns, splitColumn }),
  z.object({ format: z.literal('PARQUET'), splits, columns, splitColumn }),
  /** Conversations as JSON Lines. */
  z.object({
    format: z.literal('CHAT'),
    splits,
    /** How the rows hold conversations. */
    form: ConversationForm,
    /**
     * How they are written: as the API of OpenAI takes them, as ShareGPT, as Alpaca, or as TRL's prompt and completion.
     */
    as: z.enum(['MESSAGES', 'SHARE_GPT', 'ALPACA', 'PROMPT_COMPLETION']),
  }),
  /** Pairs of answers as JSON Lines, as TRL takes them. */
  z.object({
    format: z.literal('PREFERENCE'),
    splits,
    /** Null: the prompt is the beginning of both answers. */
    promptColumn: Column.nullable(),
    chosenColumn: Column,
    rejectedColumn: Column,
  }),
]);
export type RowExport = z.infer<typeof RowExport>;
