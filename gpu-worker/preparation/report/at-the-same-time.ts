import type { ReportTools } from './reported-file.js';

/**
 * Does two works of a report at the same time: one computes in JavaScript while statements of the other run in the
 * database's threads, over a second connection. Where one fails, the other leaves at its next sign of life, since both
 * use the database; the first error is thrown when both have ended.
 */
export async function atTheSameTime<One, Other>(
  tools: ReportTools,
  one: (tools: ReportTools) => Promise<One>,
  other: (tools: ReportTools) => Promise<Other>,
): Promise<[One, Other]> {
  const failures: unknown[] = [];
  const linked: ReportTools = {
    ...tools,
    beat() {
      tools.beat();
      if (failures.length > 0) throw failures[0];
    },
  };
  const noting = async <Result>(work: (tools: ReportTools) => Promise<Result>): Promise<Result> => {
    try {
      return await work(linked);
    } catch (error) {
      failures.push(error);
      throw error;
    }
  };
  const [first, second] = await Promise.allSettled([noting(one), noting(other)]);
  if (first.status === 'rejected' || second.status === 'rejected') throw failures[0];
  return [first.value, second.value];
}
