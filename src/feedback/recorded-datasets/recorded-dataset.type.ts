import { Field, ObjectType } from 'type-graphql';
import { PreparationType } from '../../datasets/preparation/preparation.type.js';
import { resultUnion } from '../../graphql/problem.type.js';
import { BigIntScalar, DateTime } from '../../graphql/scalars.js';
import type { RecordedForm, RecordedReading } from '../../protocol/feedback/dataset-rules.js';
import { RecordedFormEnum } from './recorded-dataset.input.js';

@ObjectType('RecordedFeedbackModel', {
  description: 'A model whose answers or predictions were judged, and how often.',
  simpleResolvers: true,
})
export class RecordedModelType {
  modelUuid!: string | null;

  @Field(() => String, { description: "The model's name at that time." })
  name!: string;

  @Field(() => BigIntScalar, { description: 'Records about it.' })
  records!: number;
}

@ObjectType('RecordedFeedbackReading', {
  description: 'Which feedback of applications became rows.',
  simpleResolvers: true,
})
export class RecordedReadingType {
  @Field(() => RecordedFormEnum, { description: 'What became rows.' })
  form!: RecordedForm;

  @Field(() => [RecordedModelType], { description: 'About which models, most records first.' })
  models!: RecordedModelType[];

  @Field(() => BigIntScalar, { description: 'All records that were read.' })
  records!: number;

  @Field(() => BigIntScalar, { description: 'Different people, as far as the applications tell them apart.' })
  people!: number;

  @Field(() => DateTime, { description: 'When the first of them was recorded.' })
  from!: Date;

  @Field(() => DateTime, { description: 'When the last of them was recorded.' })
  until!: Date;
}

export const createDatasetFromRecordedFeedbackResult = resultUnion(
  'CreateDatasetFromRecordedFeedbackResult',
  'The queued preparation; or why it was not queued.',
  PreparationType,
);

export function toRecordedReadingType({ models, from, until, ...rest }: RecordedReading): RecordedReadingType {
  return Object.assign(new RecordedReadingType(), rest, {
    from: new Date(from),
    until: new Date(until),
    models: models.map(({ modelId, ...model }) =>
      Object.assign(new RecordedModelType(), model, { modelUuid: modelId }),
    ),
  });
}
