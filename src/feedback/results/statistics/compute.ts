import { agreementOfTask } from './agreement.js';
import { crowdPosteriorsOf, type PredictedJudgedItem } from './crowd-posteriors.js';
import { likelyAnswers, type PredictedItem } from './likely.js';
import { peopleOfTask } from './people.js';
import { posteriorsOf } from './posteriors.js';
import { rankingOfTask, winRateOfTask } from './ranking.js';

/** What is computed of the answers of a task. All are pure, and take and give plain data. */
export const statistics = {
  agreement: agreementOfTask,
  likely: ({
    question,
    answers,
    method,
    predicted,
  }: {
    readonly question: Parameters<typeof likelyAnswers>[0];
    readonly answers: Parameters<typeof likelyAnswers>[1];
    readonly method: Parameters<typeof likelyAnswers>[2];
    readonly predicted: readonly PredictedItem[];
  }) => likelyAnswers(question, answers, method, predicted),
  people: ({
    question,
    answers,
  }: {
    readonly question: Parameters<typeof peopleOfTask>[0];
    readonly answers: Parameters<typeof peopleOfTask>[1];
  }) => peopleOfTask(question, answers),
  posteriors: ({
    question,
    items,
  }: {
    readonly question: Parameters<typeof posteriorsOf>[0];
    readonly items: Parameters<typeof posteriorsOf>[1];
  }) => posteriorsOf(question, items),
  crowdPosteriors: ({
    question,
    items,
  }: {
    readonly question: Parameters<typeof crowdPosteriorsOf>[0];
    readonly items: readonly PredictedJudgedItem[];
  }) => crowdPosteriorsOf(question, items),
  ranking: rankingOfTask,
  winRate: winRateOfTask,
} as const;

type Statistics = typeof statistics;
export type StatisticName = keyof Statistics;
export type RequestOf<Name extends StatisticName> = Parameters<Statistics[Name]>[0];
export type ResultOf<Name extends StatisticName> = ReturnType<Statistics[Name]>;
