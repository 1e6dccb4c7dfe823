import { Field, ID, InputType, ObjectType, registerEnumType } from 'type-graphql';
import { ConversationFormInput } from '../datasets/conversations/conversation-form.input.js';
import { idempotencyKey } from '../graphql/idempotency-key.js';

/** The formats of rows that are written out; those of conversations and pairs are JSON Lines. */
const datasetExportFormats = [
  'CSV',
  'JSONL',
  'PARQUET',
  'MESSAGES',
  'SHARE_GPT',
  'ALPACA',
  'PROMPT_COMPLETION',
  'PREFERENCE',
] as const;
export type DatasetExportFormat = (typeof datasetExportFormats)[number];

export const DatasetExportFormatEnum = Object.fromEntries(datasetExportFormats.map((format) => [format, format]));

registerEnumType(DatasetExportFormatEnum, {
  name: 'DatasetExportFormat',
  description: 'The format of the files that the rows of a dataset version are written into.',
  valuesConfig: {
    CSV: {
      description:
        'RFC 4180 in UTF-8, with a header. A missing value is an empty field, an empty text is `""`; lists and JSON are JSON.',
    },
    JSONL: { description: 'JSON Lines: an object a row. Values keep their types, whole numbers all of their digits.' },
    PARQUET: { description: 'Apache Parquet, compressed with zstd. Values keep their types.' },
    MESSAGES: {
      description:
        'JSON Lines of `{ messages: [{ role, content }] }`, as the API of OpenAI and its files for fine-tuning have them. An answer that is not learned has the `weight` 0.',
    },
    SHARE_GPT: { description: 'JSON Lines of `{ conversations: [{ from, value }] }`, as ShareGPT has them.' },
    ALPACA: {
      description:
        'JSON Lines of `{ instruction, input, output }`, as Stanford Alpaca has them. Conversations of more turns are left out.',
    },
    PROMPT_COMPLETION: {
      description:
        'JSON Lines of `{ prompt, completion }`, each a list of messages, as TRL takes them: all turns before the last answer, and that.',
    },
    PREFERENCE: {
      description: 'JSON Lines of `{ prompt, chosen, rejected }`, as TRL takes pairs of answers.',
    },
  },
});

@ObjectType('PreferenceColumns', {
  description: 'The columns of pairs of answers, of which one is better.',
  simpleResolvers: true,
})
@InputType('PreferenceColumnsInput', { description: 'The columns of pairs of answers, of which one is better.' })
export class PreferenceColumns {
  @Field(() => String, {
    nullable: true,
    description: 'Column of what is asked. Null: it is the beginning of both answers.',
  })
  promptColumn!: string | null;

  @Field(() => String, { description: 'Column of the better answers.' })
  chosenColumn!: string;

  @Field(() => String, { description: 'Column of the other answers.' })
  rejectedColumn!: string;
}

@InputType({ description: 'A dataset version to write out, and how.' })
export class ExportDatasetVersionInput {
  @Field(() => ID, { description: 'The version.' })
  datasetVersionId!: string;

  @Field(() => DatasetExportFormatEnum, { description: 'The format to write.' })
  format!: DatasetExportFormat;

  @Field(() => [String], { nullable: true, description: 'The splits whose rows are written. Default: all.' })
  splits?: string[] | null;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether each split gets a file of its own. Default: all rows are in one file, in their order.',
  })
  filePerSplit!: boolean;

  @Field(() => [String], {
    nullable: true,
    description: 'Of CSV, JSONL and PARQUET: the columns to write, in this order. Default: all.',
  })
  columns?: string[] | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Of CSV, JSONL and PARQUET: the name of a column to add, with the split of each row, so that the file can be sent again with its splits (`splitColumn`). Default: none is added.',
  })
  splitColumn?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Of CSV: whether an apostrophe is put before texts that spreadsheet programs take for formulas (beginning with = + - @). Such a file is for people to look at: sent again, it has the apostrophes. Default: false.',
  })
  guardFormulas?: boolean | null;

  @Field(() => ConversationFormInput, {
    nullable: true,
    description:
      'Of MESSAGES, SHARE_GPT, ALPACA and PROMPT_COMPLETION: how the rows hold conversations. Default: as the roles of the columns and the first rows show.',
  })
  conversations?: ConversationFormInput | null;

  @Field(() => PreferenceColumns, {
    nullable: true,
    description:
      'Of PREFERENCE: the columns of the answers. Default: as the roles of the columns and the first rows show.',
  })
  preference?: PreferenceColumns | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: 'An export of a dataset version to act on.' })
export class DatasetExportActionInput {
  @Field(() => ID, { description: 'The export.' })
  datasetExportId!: string;
}
