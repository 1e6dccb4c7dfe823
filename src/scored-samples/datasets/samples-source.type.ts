import { Field, Float, ObjectType } from 'type-graphql';
import { PreparationType } from '../../datasets/preparation/preparation.type.js';
import { resultUnion } from '../../graphql/problem.type.js';
import { BigIntScalar } from '../../graphql/scalars.js';
import type { SampleRows, SamplesReading } from '../../protocol/samples/samples-reading.js';
import { SampleRowsEnum } from './sample-dataset.input.js';

@ObjectType('SamplesSource', {
  description: 'Of which samples rows were made, and by which rules.',
  simpleResolvers: true,
})
export class SamplesSourceType {
  samplesUuid!: string | null;

  @Field(() => SampleRowsEnum, { description: 'What the samples became.' })
  rows!: SampleRows;

  @Field(() => Float, { nullable: true, description: 'The least reward of the best sample; null: any.' })
  leastReward!: number | null;

  @Field(() => Float, { description: 'By more than this the chosen one of a pair is better.' })
  leastMargin!: number;

  @Field(() => Boolean, { description: 'Whether samples that were cut took part.' })
  withCut!: boolean;

  @Field(() => BigIntScalar, { description: 'Prompts of the batch.' })
  promptCount!: number;

  @Field(() => BigIntScalar, { description: 'Rows.' })
  rowCount!: number;

  @Field(() => BigIntScalar, { description: 'Prompts without a scored sample that takes part.' })
  unscoredCount!: number;

  @Field(() => BigIntScalar, { description: 'Prompts whose best and worst samples are as good, or nearly.' })
  tiedCount!: number;

  @Field(() => BigIntScalar, { description: 'Prompts whose best sample has less than the least reward.' })
  belowLeastCount!: number;
}

export const createDatasetFromSamplesResult = resultUnion(
  'CreateDatasetFromSamplesResult',
  'The queued preparation; or why nothing was queued.',
  PreparationType,
);

export function toSamplesSourceType(
  { rules, figures }: Pick<SamplesReading, 'rules' | 'figures'>,
  samplesUuid: string | null,
): SamplesSourceType {
  const { prompts, rows, unscored, tied, belowLeast } = figures;
  return Object.assign(new SamplesSourceType(), rules, {
    samplesUuid,
    promptCount: prompts,
    rowCount: rows,
    unscoredCount: unscored,
    tiedCount: tied,
    belowLeastCount: belowLeast,
  });
}
