import { Field, ID, InputType, Int } from 'type-graphql';
import { idempotencyKey } from '../../graphql/idempotency-key.js';
import { AssignedRoleInput } from '../preparation/column-role.type.js';
import { PersonalDataSearchInput } from './personal-data-search.input.js';

@InputType({ description: 'A dataset version to report on.' })
export class ReportDatasetInput {
  @Field(() => ID, { description: 'The version.' })
  datasetVersionId!: string;

  @Field(() => [AssignedRoleInput], {
    defaultValue: [],
    description: 'What columns are for, in place of what the version says of them.',
  })
  roles!: AssignedRoleInput[];

  @Field(() => ID, { nullable: true, description: 'The model whose tokens texts are measured in. Null: none.' })
  modelId?: string | null;

  @Field(() => Int, {
    nullable: true,
    description: 'The most tokens that this model is to read. Null: as many as it can.',
  })
  maxLength?: number | null;

  @Field(() => ID, {
    nullable: true,
    description:
      'The model by whose vectors likely label errors and unusual texts are found. Null: how often words occur. A model takes longer: some ten seconds for a sentence encoder of 22 million parameters.',
  })
  featureModelId?: string | null;

  @Field(() => PersonalDataSearchInput, {
    nullable: true,
    description:
      'What is looked for as personal data in the texts. Null: the usual, which is without names of persons.',
  })
  personalData?: PersonalDataSearchInput | null;

  @Field(() => Int, { defaultValue: 10, description: 'Classes with fewer examples in the learnt split are a finding.' })
  fewExamples!: number;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: 'Two dataset versions to compare.' })
export class CompareDatasetVersionsInput {
  @Field(() => ID, { description: 'The newer version.' })
  datasetVersionId!: string;

  @Field(() => ID, { description: 'The older version, of any dataset of the project.' })
  comparedWithId!: string;

  @Field(() => [String], {
    defaultValue: [],
    description: 'Columns of both that say which rows belong together. None: rows that are equal as a whole do.',
  })
  key!: string[];

  @Field(() => ID, {
    nullable: true,
    description:
      'The model by whose vectors drift of texts is measured. Null: how often words occur. A model takes longer: some ten seconds for a sentence encoder of 22 million parameters.',
  })
  featureModelId?: string | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}

@InputType({ description: 'A report to act on.' })
export class DatasetReportActionInput {
  @Field(() => ID, { description: 'The report.' })
  reportId!: string;
}
