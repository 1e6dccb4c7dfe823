import { Arg, FieldResolver, Query, Resolver, Root } from 'type-graphql';
import { orProblems } from '../../graphql/problem.type.js';
import { BaseModelType } from '../../models/base-model.type.js';
import { InspectBaseModelInput } from './inspect.input.js';
import type { InspectionService } from './inspection.service.js';
import { inspectBaseModelResult, toInspectionType } from './inspection.type.js';
import { ModelParametersType, parametersOf } from './model-parameters.type.js';
import { supportOf } from './model-support.js';
import { ModelSupportType, toModelSupportType } from './model-support.type.js';

@Resolver()
export class InspectionResolver {
  constructor(private readonly inspections: InspectionService) {}

  @Query(() => inspectBaseModelResult, {
    description:
      'Looks into a model before it is imported: what it is, under which licence, what could be done with it and what it takes to train it, and whether an import would take it. A worker reads configuration, tokenizer, documents and the headers of the weights; the weights stay where they are, and nothing is stored.',
    complexity: ({ childComplexity }) => 500 + childComplexity,
  })
  inspectBaseModel(
    @Arg('input', () => InspectBaseModelInput, { description: 'Where the model would come from.' })
    input: InspectBaseModelInput,
  ) {
    return orProblems(async () => {
      const { inspection, problems, licence, verdict } = await this.inspections.inspect(input);
      return toInspectionType(inspection, problems, { licence, verdict });
    });
  }
}

/** What inspections tell of models that are not here yet, of those that are. */
@Resolver(() => BaseModelType)
export class ModelFactsResolver {
  @FieldResolver(() => ModelParametersType, { description: 'Numbers of its tensors, by parts.' })
  parameters(@Root() { config, manifestLayers, parameterCount }: BaseModelType): ModelParametersType {
    return parametersOf({ config, layers: manifestLayers, parameterCount });
  }

  @FieldResolver(() => ModelSupportType, { description: 'What can be done with it.' })
  supports(@Root() { config, manifestLayers, manifestHeads, adapter }: BaseModelType): ModelSupportType {
    return toModelSupportType(supportOf({ config, layers: manifestLayers, heads: manifestHeads }, adapter !== null));
  }
}
