import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { globalId } from './global-id.js';
import { type ObjectKind, ObjectKindEnum, type ObjectRow } from './object-kinds.js';

registerEnumType(ObjectKindEnum, {
  name: 'ObjectKind',
  description: 'Kinds of objects that are deleted, or that use one another. New kinds may be added.',
  valuesConfig: {
    PROJECT: { description: 'Project.' },
    DATASET: { description: 'Dataset.' },
    DATASET_VERSION: { description: 'DatasetVersion.' },
    BASE_MODEL: { description: 'BaseModel.' },
    MODEL_ALIAS: { description: 'ModelAlias.' },
    EXPERIMENT: { description: 'Experiment.' },
    CHECKPOINT: { description: 'Checkpoint.' },
    EVALUATION: { description: 'Evaluation.' },
    FEEDBACK_TASK: { description: 'FeedbackTask.' },
    FEEDBACK_LOOP: { description: 'FeedbackLoop.' },
    BATCH_PREDICTION: { description: 'BatchPrediction.' },
    SCORED_SAMPLES: { description: 'ScoredSamples.' },
    PREPARATION: { description: 'Preparation.' },
    DATASET_EXPORT: { description: 'DatasetExport.' },
    DATASET_REPORT: { description: 'DatasetReport.' },
    MODEL_RECOMMENDATION: { description: 'ModelRecommendation.' },
    MODEL_IMPORT: { description: 'ModelImport.' },
    MODEL_EXPORT: { description: 'ModelExport.' },
    UPLOAD: { description: 'Upload.' },
    WEBHOOK: { description: 'Webhook.' },
    USER: { description: 'User.' },
    MEMBER: { description: 'Member.' },
    API_KEY: { description: 'ApiKey.' },
    SESSION: { description: 'Session.' },
  },
});

@ObjectType('ObjectReference', { description: 'An object by kind, id and name.', simpleResolvers: true })
export class ObjectReferenceType {
  @Field(() => ObjectKindEnum, { description: 'Its kind.' })
  kind!: ObjectKind;

  @Field(() => ID, { description: 'Its id, which `node` takes.' })
  objectId!: string;

  @Field(() => String, { description: 'Its name; of an object without one, what it does with what.' })
  name!: string;
}

export function toObjectReferenceType({ kind, id, name }: ObjectRow): ObjectReferenceType {
  return Object.assign(new ObjectReferenceType(), { kind, objectId: globalId(kind, id), name });
}
