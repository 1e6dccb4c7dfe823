import { Field, ID, InputType, registerEnumType } from 'type-graphql';
import { idempotencyKey } from '../../graphql/idempotency-key.js';
import type { FeedbackExportFormat } from './feedback-export.service.js';

const FeedbackExportFormatEnum = {
  CSV: 'CSV',
  JSONL: 'JSONL',
  PARQUET: 'PARQUET',
} as const satisfies Readonly<Record<string, FeedbackExportFormat>>;

registerEnumType(FeedbackExportFormatEnum, {
  name: 'FeedbackExportFormat',
  description: 'The format of a file of answers.',
  valuesConfig: {
    CSV: { description: 'RFC 4180 in UTF-8, with a header; lists and objects are JSON.' },
    JSONL: { description: 'JSON Lines: an object an answer.' },
    PARQUET: { description: 'Apache Parquet, compressed with zstd.' },
  },
});

@InputType({ description: 'A feedback task whose answers are written out, and how.' })
export class ExportFeedbackInput {
  @Field(() => ID, { description: 'The task. It may be open: what was answered until now is written.' })
  taskId!: string;

  @Field(() => FeedbackExportFormatEnum, { defaultValue: 'JSONL', description: 'The format to write.' })
  format!: FeedbackExportFormat;

  @Field(() => Boolean, {
    nullable: true,
    description:
      'Of CSV: whether an apostrophe is put before texts that spreadsheet programs take for formulas (beginning with = + - @). Such a file is for people to look at: sent again, it has the apostrophes. Default: false.',
  })
  guardFormulas?: boolean | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}
