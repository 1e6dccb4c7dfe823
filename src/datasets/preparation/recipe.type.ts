import { Extensions, Field, InputType, ObjectType } from 'type-graphql';
import { type InputProblem, ProblemsError, problem } from '../../problems/problem.js';
import { schemaProblem } from '../../problems/schema-problem.js';
import { maxSteps, PreparationStep, type Recipe } from '../../protocol/preparation/recipe.js';
import { AddFromTemplatesType, AugmentTextType, BalanceLabelsType } from './steps/augmentation.type.js';
import {
  ChangeCaseType,
  HtmlToTextType,
  MapLabelsType,
  NormalizeUnicodeType,
  RemoveControlCharactersType,
  RepairMojibakeType,
  ReplacePatternType,
} from './steps/cleaning.type.js';
import { CastColumnType, DropColumnsType } from './steps/columns.type.js';
import { DropDuplicatesType, ResolveLabelConflictsType } from './steps/duplicates.type.js';
import { FilterLanguageType, FilterLengthType, FilterRowsType, SampleRowsType } from './steps/filters.type.js';
import { DropMissingType, FillMissingType, MarkMissingType } from './steps/gaps.type.js';
import { MergeColumnsType, RenameColumnsType } from './steps/merged-columns.type.js';
import { MaskPersonalDataType } from './steps/personal-data.type.js';
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

  @Field(() => CastColumnType, { nullable: true, description: 'Gives a column another type.' })
  castColumn?: CastColumnType | null;

  @Field(() => MaskPersonalDataType, { nullable: true, description: 'Masks personal data in texts.' })
  maskPersonalData?: MaskPersonalDataType | null;

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

  @Field(() => ChangeCaseType, { nullable: true, description: 'Writes texts in one case.' })
  changeCase?: ChangeCaseType | null;

  @Field(() => FilterLanguageType, {
    nullable: true,
    description: 'Keeps, drops or marks rows by the language of a text.',
  })
  filterLanguage?: FilterLanguageType | null;

  @Field(() => FilterLengthType, {
    nullable: true,
    description: 'Drops rows whose text is shorter or longer than it may be.',
  })
  filterLength?: FilterLengthType | null;

  @Field(() => FilterRowsType, { nullable: true, description: 'Keeps only rows for which a condition is true.' })
  filterRows?: FilterRowsType | null;

  @Field(() => HtmlToTextType, { nullable: true, description: 'Makes of HTML the text that its reader sees.' })
  htmlToText?: HtmlToTextType | null;

  @Field(() => MapLabelsType, { nullable: true, description: 'Gives labels other names, or removes them.' })
  mapLabels?: MapLabelsType | null;

  @Field(() => MergeColumnsType, { nullable: true, description: 'Makes a column of texts of several columns.' })
  mergeColumns?: MergeColumnsType | null;

  @Field(() => NormalizeUnicodeType, {
    nullable: true,
    description: 'Writes texts in a normalization form of Unicode.',
  })
  normalizeUnicode?: NormalizeUnicodeType | null;

  @Field(() => RemoveControlCharactersType, { nullable: true, description: 'Removes characters that nobody sees.' })
  removeControlCharacters?: RemoveControlCharactersType | null;

  @Field(() => RenameColumnsType, { nullable: true, description: 'Gives columns other names.' })
  renameColumns?: RenameColumnsType | null;

  @Field(() => RepairMojibakeType, { nullable: true, description: 'Repairs texts that were read in a wrong encoding.' })
  repairMojibake?: RepairMojibakeType | null;

  @Field(() => ReplacePatternType, { nullable: true, description: 'Replaces what a regular expression matches.' })
  replacePattern?: ReplacePatternType | null;

  @Field(() => SampleRowsType, { nullable: true, description: 'Keeps a sample of the rows.' })
  sampleRows?: SampleRowsType | null;
  @Field(() => AugmentTextType, { nullable: true, description: 'Adds copies of rows with a changed text.' })
  augmentText?: AugmentTextType | null;

  @Field(() => AddFromTemplatesType, {
    nullable: true,
    description: 'Adds copies of rows whose text is a filled template.',
  })
  addFromTemplates?: AddFromTemplatesType | null;

  @Field(() => BalanceLabelsType, {
    nullable: true,
    description: 'Copies and drops rows, so that labels are about equally frequent.',
  })
  balanceLabels?: BalanceLabelsType | null;
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
    problems.push(...parsed.error.issues.map((issue) => schemaProblem(issue, ['recipe', String(i), kind])));
    return [];
  });
  if (problems.length > 0) throw new ProblemsError(problems);
  return recipe;
}

export function toStepType({ kind, ...settings }: PreparationStep): PreparationStepType {
  return Object.assign(new PreparationStepType(), { kind, [kind]: settings });
}
