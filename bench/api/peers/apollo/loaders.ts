import DataLoader from 'dataloader';
import { type DataSource, type EntityTarget, In, type ObjectLiteral } from 'typeorm';
import { BaseModel, DatasetVersion, Evaluation, Metric, Run } from './entities.js';

export type Loaders = ReturnType<typeof createLoaders>;

/** One set a request. */
export function createLoaders(dataSource: DataSource) {
  const one = <Row extends ObjectLiteral>(entity: EntityTarget<Row>, key: keyof Row & string) =>
    new DataLoader<string, Row>(async (keys) => {
      const rows = await dataSource.getRepository(entity).find({ where: { [key]: In(keys) } as never });
      const byKey = new Map(rows.map((row) => [row[key] as string, row]));
      return keys.map((each) => byKey.get(each)!);
    });
  return {
    baseModel: one(BaseModel, 'id'),
    version: one(DatasetVersion, 'id'),
    run: one(Run, 'experimentId'),
    produced: one(BaseModel, 'producedByRunId'),
    summary: new DataLoader<string, Metric[]>(async (runIds) => {
      const rows = await dataSource.getRepository(Metric).find({ where: { runId: In(runIds) }, order: { key: 'ASC' } });
      return grouped(runIds, rows, (row) => row.runId);
    }),
    evaluations: new DataLoader<string, Evaluation[]>(async (modelIds) => {
      const rows = await dataSource
        .getRepository(Evaluation)
        .find({ where: { baseModelId: In(modelIds) }, order: { createdAt: 'DESC', id: 'DESC' } });
      return grouped(modelIds, rows, (row) => row.baseModelId);
    }),
  };
}

function grouped<Row>(keys: readonly string[], rows: readonly Row[], keyOf: (row: Row) => string): Row[][] {
  const groups = new Map<string, Row[]>(keys.map((key) => [key, []]));
  for (const row of rows) groups.get(keyOf(row))!.push(row);
  return keys.map((key) => groups.get(key)!);
}
