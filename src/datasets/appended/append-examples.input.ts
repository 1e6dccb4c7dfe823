import { Field, ID, InputType } from 'type-graphql';
import { idempotencyKey } from '../../graphql/idempotency-key.js';
import { BigIntScalar, Json } from '../../graphql/scalars.js';

@InputType({ description: 'An example to append to a dataset.' })
export class AppendedExampleInput {
  @Field(() => Json, {
    description:
      "An object of column name → value. A value has the type of its column in the dataset's latest version: a text for TEXT, never a number; a whole number, or a text of its digits, for INTEGER; a text such as 2026-01-31T08:00:00Z for TIMESTAMP. Columns that are left out, and null, are missing values.",
  })
  values!: unknown;

  @Field(() => String, {
    nullable: true,
    description: 'The split that it belongs to. Default: it gets one as a version is made of it.',
  })
  split?: string | null;
}

@InputType({ description: 'Examples to append to a dataset.' })
export class AppendExamplesInput {
  @Field(() => ID, { description: 'The dataset. Its versions do not change: the examples wait for the next one.' })
  datasetId!: string;

  @Field(() => [AppendedExampleInput], {
    description: '1 to 1,000 examples, in their order. All of them are appended, or none.',
  })
  examples!: AppendedExampleInput[];

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether examples may have columns that the dataset's latest version has not. Default: such a column is a problem, as it is mostly a misspelt name.",
  })
  allowNewColumns!: boolean;

  @Field(() => Boolean, {
    defaultValue: false,
    description:
      "Whether examples may be in splits that the dataset's latest version has not. Default: such a split is a problem, as it is mostly a misspelt name.",
  })
  allowNewSplits!: boolean;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Appended examples to discard.' })
export class DiscardAppendedExamplesInput {
  @Field(() => ID, { description: 'The dataset that they were appended to.' })
  datasetId!: string;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'The number of the first that is discarded. Default: that of the first one that waits.',
  })
  fromNumber?: number | bigint | null;

  @Field(() => BigIntScalar, {
    nullable: true,
    description: 'The number of the last that is discarded. Default: that of the last one that waits.',
  })
  toNumber?: number | bigint | null;
}
