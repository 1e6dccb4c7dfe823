import type { MigrationInterface, QueryRunner } from 'typeorm';

/** SQL: the trigger that logs the end of the work that rows of a table stand for. */
function logEnds(options: {
  /** In the plural, as its rows are many. */
  readonly table: string;
  readonly event: string;
  /** Of the event, beside the status and the problem: keys and their expressions. */
  readonly facts: Readonly<Record<string, string>>;
  /** Which rows are logged. Default: all. */
  readonly when?: string;
}): string {
  const { table, event, facts, when } = options;
  const ended = `OLD.status <> NEW.status AND NEW.status IN ('SUCCEEDED', 'FAILED', 'CANCELED')`;
  const pairs = Object.entries({ ...facts, status: 'NEW.status', problem: 'event_problem(NEW.problem)' });
  const log = `log_${event.replace('.', '_')}`;
  return `
      CREATE FUNCTION ${log}() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          PERFORM append_project_event(NEW.project_id, '${event}', jsonb_build_object(
            ${pairs.map(([key, value]) => `'${key}', ${value}`).join(', ')}));
          RETURN NULL;
        END $$;
      CREATE CONSTRAINT TRIGGER ${table}_log AFTER UPDATE OF status ON ${table}
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (${ended}${when === undefined ? '' : ` AND ${when}`})
        EXECUTE FUNCTION ${log}();`;
}

/** A project's log tells when preparations, reports, recommendations and exports of datasets end. */
export class EventsOfData1764000070000 implements MigrationInterface {
  name = 'EventsOfData1764000070000';

  async up(queryRunner: QueryRunner): Promise<void> {
    const ends = [
      logEnds({
        table: 'preparations',
        event: 'preparation.finished',
        facts: {
          preparationId: 'NEW.id',
          datasetVersionId: '(SELECT dataset_version_id FROM preparations WHERE id = NEW.id)',
        },
        // Rows alone are a step of another call, which nobody follows.
        when: `NEW.target ->> 'kind' <> 'rows'`,
      }),
      logEnds({
        table: 'dataset_reports',
        event: 'dataset_report.finished',
        facts: {
          datasetReportId: 'NEW.id',
          datasetVersionId: 'NEW.dataset_version_id',
          comparedWithId: 'NEW.compared_with_id',
        },
      }),
      logEnds({
        table: 'model_recommendations',
        event: 'model_recommendation.finished',
        facts: { recommendationId: 'NEW.id', datasetVersionId: 'NEW.dataset_version_id' },
      }),
      logEnds({
        table: 'dataset_exports',
        event: 'dataset_export.finished',
        facts: { datasetExportId: 'NEW.id', datasetVersionId: 'NEW.dataset_version_id', name: 'NEW.name' },
      }),
    ];
    await queryRunner.query(ends.join('\n'));
  }

  async down(): Promise<void> {
    throw new Error('Migrations are forward-only: restore a backup instead.');
  }
}
