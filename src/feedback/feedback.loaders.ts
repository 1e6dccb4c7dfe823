import { createKeyLoader, createListLoader } from '../database/by-key.js';
import { createChildPageLoader } from '../database/child-pages.js';
import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { Query } from '../protocol/sql/query.js';
import {
  feedbackTasksOfModel,
  feedbackTasksOfVersion,
  type ReadPersonRow,
  type ReadTaskRow,
  readPeopleOfVersions,
  readTasksOfVersions,
  versionsFromFeedback,
} from './datasets/feedback-lineage.reads.js';
import {
  answersOfClaims,
  answersOfItem,
  answersOfTask,
  changesOfAnswers,
  type FeedbackAnswerChangeRow,
  type FeedbackAnswerRow,
  feedbackAnswersByIds,
} from './feedback-answer.reads.js';
import { type FeedbackClaimRow, feedbackClaimsByIds, leasesOfTasks } from './feedback-claim.reads.js';
import { eventsOfFeedbackTask, type FeedbackEventRow } from './feedback-event.reads.js';
import { type FeedbackItemRow, feedbackItemsByIds, feedbackItemsOfTask } from './feedback-item.reads.js';
import {
  type FeedbackInstructionsRow,
  type FeedbackTaskRow,
  feedbackTasksByIds,
  feedbackTasksOfProject,
  instructionsOfTasks,
} from './feedback-task.reads.js';

import { ownSeqOf, wholeSeqOf } from './own-log.js';
import {
  type AdjudicationRow,
  adjudicationsOfItems,
  type DisputeRow,
  disputesOfTask,
  type VotesRow,
  votesOfItems,
} from './results/dispute.reads.js';

declare module '../access/context.js' {
  interface Loaders {
    readonly feedback: ReturnType<typeof createFeedbackLoaders>;
  }
}

export function createFeedbackLoaders(query: Query) {
  return {
    taskById: createKeyLoader<FeedbackTaskRow>(
      (ids) => feedbackTasksByIds(query, ids),
      (row) => row.id,
    ),
    tasksOfProject: createChildPageLoader<FeedbackTaskRow>(query, feedbackTasksOfProject),
    tasksOfVersion: createChildPageLoader<FeedbackTaskRow>(query, feedbackTasksOfVersion),
    tasksOfModel: createChildPageLoader<FeedbackTaskRow>(query, feedbackTasksOfModel),
    versionsOfTask: createChildPageLoader<DatasetVersionRow>(query, versionsFromFeedback),
    /** In the order of the rows. */
    readTasksOfVersion: createListLoader<ReadTaskRow>(
      (ids) => readTasksOfVersions(query, ids),
      (row) => row.versionId,
    ),
    /** Of each task those with most answers first. */
    readPeopleOfVersion: createListLoader<ReadPersonRow>(
      (ids) => readPeopleOfVersions(query, ids),
      (row) => row.versionId,
    ),
    /** All versions, the newest first. */
    instructionsOfTask: createListLoader<FeedbackInstructionsRow>(
      (ids) => instructionsOfTasks(query, ids),
      (row) => row.taskId,
    ),
    /** Null: nobody holds an item of the task. */
    leasesOfTask: createKeyLoader<{ readonly taskId: string; readonly count: number }>(
      (ids) => leasesOfTasks(query, ids),
      (row) => row.taskId,
    ),
    itemById: createKeyLoader<FeedbackItemRow>(
      (ids) => feedbackItemsByIds(query, ids),
      (row) => row.id,
    ),
    itemsOfTask: createChildPageLoader<FeedbackItemRow>(query, feedbackItemsOfTask),
    disputesOfTask: createChildPageLoader<DisputeRow>(query, disputesOfTask),
    votesOfItem: createListLoader<VotesRow>(
      (ids) => votesOfItems(query, ids),
      (row) => row.itemId,
    ),
    /** The newest first. */
    adjudicationsOfItem: createListLoader<AdjudicationRow>(
      (ids) => adjudicationsOfItems(query, ids),
      (row) => row.itemId,
    ),
    claimById: createKeyLoader<FeedbackClaimRow>(
      (ids) => feedbackClaimsByIds(query, ids),
      (row) => row.id,
    ),
    answerById: createKeyLoader<FeedbackAnswerRow>(
      (ids) => feedbackAnswersByIds(query, ids),
      (row) => row.id,
    ),
    answerOfClaim: createKeyLoader<FeedbackAnswerRow>(
      (ids) => answersOfClaims(query, ids),
      (row) => row.claimId,
    ),
    answersOfTask: createChildPageLoader<FeedbackAnswerRow>(query, answersOfTask),
    answersOfItem: createChildPageLoader<FeedbackAnswerRow>(query, answersOfItem),
    /** The oldest first. */
    changesOfAnswer: createListLoader<FeedbackAnswerChangeRow>(
      (ids) => changesOfAnswers(query, ids),
      (row) => row.answerId,
    ),
    events: createChildPageLoader<FeedbackEventRow>(query, eventsOfFeedbackTask),
    /** Numbers of the logs that people have of their own. */
    ownLog: {
      clearAll: () => undefined,
      ownSeqOf: (taskId: string, userId: string, seq: number | null) => ownSeqOf(query, taskId, userId, seq),
      wholeSeqOf: (taskId: string, userId: string, ownSeq: number) => wholeSeqOf(query, taskId, userId, ownSeq),
    },
  };
}
