import { Extensions, Field, InputType, ObjectType } from 'type-graphql';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { maxSteps, PreparationStep, type Recipe } from '../../protocol/preparation/recipe.js';
import { DropColumnsType } from './steps/columns.type.js';
import { DropDuplicatesType, ResolveLabelConflictsType } from './steps/duplicates.type.js';
import { DropMissingType, FillMissingType, MarkMissingType } from './steps/gaps.type.js';
import {
  AssignFoldsType,
  DrawSplitsType,
  KeepSplitsType,
  RenameSplitsType,
  SplitByTimeType,
  SplitFromColumnType,
} from './steps/splits.type.js';
import { CollapseWhiteSpaceType } from './steps/white-space.type.js';

/**
 * The field of each kind of step. Each class is an input and an output of the graph, so that a recipe that was read can
 * be sent again as it is. A kind without a field does not compile.
 */
@InputType({ description: 'A step of a recipe.' })
@ObjectType({ description: 'A step of a recipe.', simpleResolvers: true })
abstract class StepFields implements Partial<Record<PreparationStep['kind'], object | null>> {
  @Field(() => CollapseWhiteSpaceType, {
    nullable: true,
    description: 'Makes each run of white space one space.',
  })
  collapseWhiteSpace?: CollapseWhiteSpaceType | null;

  @Field(() => DropColumnsType, { nullable: true, description: 'Leaves columns out.' })
  dropColumns?: DropColumnsType | null;

  @Field(() => DropDuplicatesType, { nullable: true, description: 'Drops rows that are copies of others.' })
  dropDuplicates?: DropDuplicatesType | null;

  @Field(() => ResolveLabelConflictsType, {
    nullable: true,
    description: 'Resolves equal texts with different labels: drops them, votes, or marks them for people.',
  })
  resolveLabelConflicts?: ResolveLabelConflictsType | null;

  @Field(() => DrawSplitsType, { nullable: true, description: 'Gives rows their splits by lot.' })
  drawSplits?: DrawSplitsType | null;

  @Field(() => SplitByTimeType, { nullable: true, description: 'Gives rows their splits by times or numbers.' })
  splitByTime?: SplitByTimeType | null;

  @Field(() => SplitFromColumnType, { nullable: true, description: 'Takes splits from a column of their names.' })
  splitFromColumn?: SplitFromColumnType | null;

  @Field(() => RenameSplitsType, { nullable: true, description: 'Gives splits other names, or merges them.' })
  renameSplits?: RenameSplitsType | null;

  @Field(() => KeepSplitsType, { nullable: true, description: 'Drops rows of other splits.' })
  keepSplits?: KeepSplitsType | null;

  @Field(() => AssignFoldsType, { nullable: true, description: 'Numbers rows by folds of one size.' })
  assignFolds?: AssignFoldsType | null;

  @Field(() => FillMissingType, { nullable: true, description: 'Gives missing values a value.' })
  fillMissing?: FillMissingType | null;

  @Field(() => DropMissingType, { nullable: true, description: 'Drops rows with missing values.' })
  dropMissing?: DropMissingType | null;

  @Field(() => MarkMissingType, { nullable: true, description: 'Says in a new column which rows have no value.' })
  markMissing?: MarkMissingType | null;
}

@Extensions({ oneOf: true })
@InputType('PreparationStepInput', { description: 'One step of a recipe: exactly one of the fields.' })
export class PreparationStepInput extends StepFields {}

@ObjectType('PreparationStep', {
  description: 'One step of a recipe: the field that `kind` names has its settings, the others are null.',
  simpleResolvers: true,
})
export class PreparationStepType extends StepFields {
  @Field(() => String, { description: 'The name of the field that is not null. New kinds may be added.' })
  kind!: string;
}

/**
 * The recipe that an input says.
 * @throws ProblemsError for settings out of range, whose paths begin at `recipe`
 */
export function toRecipe(steps: readonly PreparationStepInput[]): Recipe {
  if (steps.length > maxSteps) {
    const message = `A recipe has at most ${maxSteps} steps, and this one has ${steps.length}.`;
    throw new ProblemsError([problem(['recipe'], 'TOO_LONG', message, 'Make a version, and go on from it.')]);
  }
  const problems: InputProblem[] = [];
  const recipe = steps.flatMap((step, i) => {
    const [kind, settings] = Object.entries(step).find(([, value]) => value != null)!;
    const parsed = PreparationStep.safeParse({ ...settings, kind });
    if (parsed.success) return [parsed.data];
    for (const { path, message } of parsed.error.issues) {
      problems.push(problem(['recipe', String(i), kind, ...path.map(String)], 'INVALID_VALUE', message));
    }
    return [];
  });
  if (problems.length > 0) throw new ProblemsError(problems);
  return recipe;
}

export function toStepType({ kind, ...settings }: PreparationStep): PreparationStepType {
  return Object.assign(new PreparationStepType(), { kind, [kind]: settings });
}
