import { HeadKindEnum, TagSchemeEnum } from '../../models/model-head.type.js';
import type { ClassWeights, TargetHeadSpec, Thresholds } from '../../protocol/heads.js';
import { choice, list, type Setting, text } from '../setting.js';
import { ClassWeightsKindEnum, ThresholdsKindEnum } from './type.js';

/**
 * The settings of a head, by their paths in the graph. Settings of a classification have the paths of the fields that
 * are older than `head`.
 * @param path of the method or task that has the head
 * @param ofTask the end of the labels for people, where there are several heads
 */
export function settingsOfHead(path: string, head: TargetHeadSpec, ofTask = ''): Setting[] {
  const kind = choice(`${path}.head.kind`, `Kind of head${ofTask}`, HeadKindEnum, head.kind);
  const inFull = `${path}.head`;
  switch (head.kind) {
    case 'classification':
      return [
        kind,
        text(`${path}.labelColumn`, `Label column${ofTask}`, head.labelColumn),
        list(`${path}.labels`, `Labels${ofTask}`, head.labels),
        ...classWeightSettings(`${path}.classWeights`, head.classWeights, ofTask),
      ];
    case 'multiLabel':
      return [
        kind,
        text(`${inFull}.labelColumn`, `Column of label lists${ofTask}`, head.labelColumn),
        list(`${inFull}.labels`, `Labels${ofTask}`, head.labels),
        ...classWeightSettings(`${inFull}.classWeights`, head.classWeights, ofTask),
        ...thresholdSettings(`${inFull}.thresholds`, head.thresholds, ofTask),
      ];
    case 'regression':
      return [kind, list(`${inFull}.targetColumns`, `Target columns${ofTask}`, head.targetColumns)];
    case 'tokenClassification':
      return [
        kind,
        text(`${inFull}.tagColumn`, `Tag column${ofTask}`, head.tagColumn),
        list(`${inFull}.tags`, `Tags${ofTask}`, head.labels),
        choice(`${inFull}.scheme`, `Tag scheme${ofTask}`, TagSchemeEnum, head.scheme),
        ...classWeightSettings(`${inFull}.classWeights`, head.classWeights, ofTask),
      ];
    default:
      return head satisfies never;
  }
}

function classWeightSettings(path: string, classWeights: ClassWeights, ofTask: string): Setting[] {
  const weights = classWeights.kind === 'explicit' ? classWeights.weights : null;
  return [
    choice(`${path}.kind`, `Class weights${ofTask}`, ClassWeightsKindEnum, classWeights.kind),
    list(
      `${path}.weights`,
      `Given class weights${ofTask}`,
      weights?.map(({ label, weight }) => `${label}: ${weight}`) ?? null,
    ),
  ];
}

function thresholdSettings(path: string, thresholds: Thresholds, ofTask: string): Setting[] {
  const given = thresholds.kind === 'given' ? thresholds.thresholds : null;
  return [
    choice(`${path}.kind`, `Thresholds${ofTask}`, ThresholdsKindEnum, thresholds.kind),
    list(
      `${path}.thresholds`,
      `Given thresholds${ofTask}`,
      given?.map(({ label, threshold }) => `${label}: ${threshold}`) ?? null,
    ),
  ];
}
