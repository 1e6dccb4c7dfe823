import { z } from 'zod';
import { AddFromTemplates, AugmentText, BalanceLabels } from './steps/augmentation.js';
import {
  ChangeCase,
  HtmlToText,
  MapLabels,
  MergeColumns,
  NormalizeUnicode,
  RemoveControlCharacters,
  RenameColumns,
  RepairMojibake,
  ReplacePattern,
} from './steps/cleaning.js';
import { CastColumn, DropColumns } from './steps/columns.js';
import { DropDuplicates, ResolveLabelConflicts } from './steps/duplicates.js';
import { FilterLanguage, FilterLength, FilterRows, SampleRows } from './steps/filters.js';
import { DropMissing, FillMissing, MarkMissing } from './steps/gaps.js';
import { MaskPersonalData } from './steps/personal-data.js';
import { AssignFolds, DrawSplits, KeepSplits, RenameSplits, SplitByTime, SplitFromColumn } from './steps/splits.js';
import { CollapseWhiteSpace } from './steps/white-space.js';

/**
 * One step of a recipe. Every kind is documented where its schema is. A stored step is read by later releases: fields
 * that come later have a default.
 */
export const PreparationStep = z.discriminatedUnion('kind', [
  MaskPersonalData,
  CollapseWhiteSpace,
  DropColumns,
  CastColumn,
  DropDuplicates,
  ResolveLabelConflicts,
  DrawSplits,
  SplitByTime,
  SplitFromColumn,
  RenameSplits,
  KeepSplits,
  AssignFolds,
  FillMissing,
  DropMissing,
  MarkMissing,
  NormalizeUnicode,
  RemoveControlCharacters,
  RepairMojibake,
  HtmlToText,
  ChangeCase,
  ReplacePattern,
  MapLabels,
  RenameColumns,
  MergeColumns,
  FilterRows,
  FilterLength,
  FilterLanguage,
  SampleRows,
  AugmentText,
  AddFromTemplates,
  BalanceLabels,
]);
export type PreparationStep = z.infer<typeof PreparationStep>;

export const maxSteps = 100;

/** What is done to rows, in order. The same recipe makes the same bytes of the same rows. */
export const Recipe = z.array(PreparationStep).max(maxSteps);
export type Recipe = z.infer<typeof Recipe>;

/** The last step that masks personal data; -1: none does. */
export function lastMaskOf(recipe: Recipe): number {
  return recipe.findLastIndex(({ kind }) => kind === 'maskPersonalData');
}
