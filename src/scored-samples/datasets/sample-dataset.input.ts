import { Field, Float, ID, InputType, registerEnumType } from 'type-graphql';
import { SplitFractionInput } from '../../datasets/dataset.input.js';
import { idempotencyKey } from '../../graphql/idempotency-key.js';
import { Seed } from '../../graphql/scalars.js';
import { usualSplit } from '../../protocol/datasets/split-request.js';
import type { SampleRows } from '../../protocol/samples/samples-reading.js';

export const SampleRowsEnum = { WINNERS: 'winners', PAIRS: 'pairs', ALL: 'all' } as const satisfies Record<
  string,
  SampleRows
>;

registerEnumType(SampleRowsEnum, {
  name: 'RowsOfSamples',
  description: 'What samples become.',
  valuesConfig: {
    WINNERS: {
      description:
        'A row for each prompt: the prompt and its best sample, as instruction tuning takes them (rejection sampling).',
    },
    PAIRS: {
      description: 'A row for each prompt: the best sample as chosen, the worst as rejected. Ties are left out.',
    },
    ALL: { description: 'A row for each sample, with its reward.' },
  },
});

@InputType({ description: 'A dataset version to make of scored samples.' })
export class CreateDatasetFromSamplesInput {
  @Field(() => ID, { description: 'The batch of samples, which has succeeded.' })
  samplesId!: string;

  @Field(() => ID, { nullable: true, description: 'The dataset whose next version is made. Null: a new one, `name`.' })
  datasetId?: string | null;

  @Field(() => String, { nullable: true, description: 'Name of the new dataset, unique in the project.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'Description of the new dataset.' })
  description?: string | null;

  @Field(() => SampleRowsEnum, { description: 'What the samples become.' })
  rows!: SampleRows;

  @Field(() => Float, {
    nullable: true,
    description: 'Of WINNERS and PAIRS: prompts whose best sample has a smaller reward are left out. Default: none is.',
  })
  leastReward?: number | null;

  @Field(() => Float, {
    defaultValue: 0,
    description: 'Of PAIRS: the chosen one is better by more than this, from 0.',
  })
  leastMargin!: number;

  @Field(() => Boolean, {
    defaultValue: false,
    description: 'Whether samples that were cut at the most tokens take part.',
  })
  withCut!: boolean;

  @Field(() => [SplitFractionInput], {
    defaultValue: usualSplit.fractions,
    description: 'The splits and their shares. Rows of one prompt are in one split.',
  })
  fractions!: SplitFractionInput[];

  @Field(() => Seed, { defaultValue: 0, description: 'Determines the draw of the splits.' })
  seed!: number;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}
