import { Field, ID, InputType, registerEnumType } from 'type-graphql';
import { FileOptionsInput } from '../datasets/file-options.input.js';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { projectSlugOptions } from '../graphql/project-slug.js';
import type { BatchFormat } from '../protocol/batch-prediction.js';

export const BatchFormatEnum = {
  JSON_LINES: 'jsonLines',
  CSV: 'csv',
  PARQUET: 'parquet',
} as const satisfies Record<string, BatchFormat>;

registerEnumType(BatchFormatEnum, {
  name: 'BatchPredictionFormat',
  description: 'The format of a file of predictions.',
  valuesConfig: {
    JSON_LINES: { description: 'One JSON object a line. Lists stay lists; NaN and infinities are texts.' },
    CSV: {
      description:
        'With a header, in UTF-8. Values stay as the uploaded file wrote them; lists, of the rows and of predictions, are JSON.',
    },
    PARQUET: { description: 'Parquet, with the types of the columns.' },
  },
});

@InputType({
  description:
    'A model, and the rows to predict for: those of a dataset version or those of an uploaded file. Exactly one of `datasetVersionId` and `uploadId` is given.',
})
export class PredictBatchInput {
  @Field(() => ID, {
    nullable: true,
    description: 'The model, which needs a head. Left out where `alias` is given.',
  })
  modelId?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'In place of `modelId`: an alias in the project of `projectSlug`; the model that it stands for now.',
  })
  alias?: string | null;

  @Field(() => String, projectSlugOptions)
  projectSlug?: string | null;

  @Field(() => ID, { nullable: true, description: 'The dataset version, of the same project.' })
  datasetVersionId?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The split of the version. Default: all, in the order of the rows; a column says of which split each is.',
  })
  split?: string | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'In place of `datasetVersionId`: an upload whose file has arrived, as createUpload gives one. It is used up, and becomes no dataset.',
  })
  uploadId?: string | null;

  @Field(() => FileOptionsInput, {
    nullable: true,
    description: 'How to read the uploaded file, beyond its format. Default: the usual options of the format.',
  })
  fileOptions?: FileOptionsInput | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Column of the texts, or of lists of words, which are joined by spaces. Default: the column that the model was trained on, if the rows have it; else, of a dataset version, the column with the role TEXT or TOKENS; else the only column of texts.',
  })
  textColumn?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'Column of the second texts, for a model trained on pairs. Default: the column that the model was trained on, if the rows have it; else, of a dataset version, the column with the role SECOND_TEXT.',
  })
  textPairColumn?: string | null;

  @Field(() => BatchFormatEnum, { defaultValue: 'jsonLines', description: 'The format of the file of predictions.' })
  format!: BatchFormat;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      'Whether a further column of each classification and multi-label head has all labels with their probabilities.',
  })
  withProbabilities!: boolean;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: 'A batch prediction to act on.' })
export class BatchPredictionActionInput {
  @Field(() => ID, { description: 'The batch prediction.' })
  batchPredictionId!: string;
}
