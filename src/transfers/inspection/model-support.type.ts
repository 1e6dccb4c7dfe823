import { Field, ObjectType } from 'type-graphql';
import { HeadKindEnum } from '../../models/model-head.type.js';
import { FrozenWeightsEnum, PoolingEnum } from '../../models/model-settings.type.js';
import { LanguageObjectiveEnum } from '../../models/predicted-tokens.type.js';
import { MethodKindEnum } from '../../models/training-filter.input.js';
import type { FrozenWeights } from '../../protocol/frozen-weights.js';
import type { HeadKind } from '../../protocol/heads.js';
import type { ExportFormat } from '../../protocol/job.js';
import type { MethodKind } from '../../protocol/methods/index.js';
import type { LanguageObjective } from '../../protocol/methods/language-modelling.js';
import type { Pooling } from '../../protocol/pooling.js';
import { ExportFormatEnum } from '../model-export.input.js';
import type { ModelSupport } from './model-support.js';

@ObjectType('ModelSupport', { description: 'What can be done with a model.', simpleResolvers: true })
export class ModelSupportType {
  @Field(() => [MethodKindEnum], { description: 'Methods that train it.' })
  methods!: readonly MethodKind[];

  @Field(() => [HeadKindEnum], { description: 'Heads that can be trained on it.' })
  heads!: readonly HeadKind[];

  @Field(() => LanguageObjectiveEnum, {
    nullable: true,
    description: 'What it can be trained to predict of texts; null: no tokens.',
  })
  objective!: LanguageObjective | null;

  @Field(() => Boolean, { description: 'Whether it reads pairs of texts.' })
  pairs!: boolean;

  @Field(() => [PoolingEnum], {
    description: 'What heads of whole texts can read; empty for a family that has a way of its own.',
  })
  poolings!: readonly Pooling[];

  @Field(() => Boolean, { description: 'Whether a low-rank adapter can be trained on it.' })
  lowRankAdapters!: boolean;

  @Field(() => [String], {
    description:
      'Projections that an adapter can be added to, as `targetModules` takes them: the last parts of their names. First those that get one where the input names none.',
  })
  adapterTargets!: readonly string[];

  @Field(() => [FrozenWeightsEnum], {
    description: 'How its weights can be held while an adapter is trained on it; empty where none can.',
  })
  frozenWeights!: readonly FrozenWeights[];

  @Field(() => Boolean, { description: 'Whether it writes texts as it is.' })
  generates!: boolean;

  @Field(() => [ExportFormatEnum], {
    description:
      'Formats that it can be exported in as it is. Of GGUF and transformers.js, the export itself may still find a part that they do not have.',
  })
  exports!: readonly ExportFormat[];
}

export function toModelSupportType(support: ModelSupport): ModelSupportType {
  return Object.assign(new ModelSupportType(), support);
}
