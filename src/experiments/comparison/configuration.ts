import type { Loaders } from '../../access/context.js';
import { existing } from '../../graphql/load-row.js';
import type { ExperimentRow } from '../experiment.reads.js';
import { compareSettings } from './compare-settings.js';
import { type ConfigurationDifferenceType, toConfigurationDifferenceType } from './setting.type.js';
import { type Configured, settingsOf } from './settings.js';

/** The settings of experiments side by side, read with three statements for all of them. */
export async function comparedConfiguration(
  rows: readonly ExperimentRow[],
  loaders: Loaders,
  onlyDifferences: boolean,
): Promise<ConfigurationDifferenceType[]> {
  const settings = await Promise.all(rows.map(async (row) => settingsOf(await configured(row, loaders))));
  return compareSettings(settings)
    .filter(({ differs }) => differs || !onlyDifferences)
    .map(toConfigurationDifferenceType);
}

async function configured(
  { spec, baseModelId, datasetVersionId }: ExperimentRow,
  loaders: Loaders,
): Promise<Configured> {
  const [baseModel, version] = await Promise.all([
    existing(loaders.baseModels.byId, baseModelId),
    existing(loaders.datasets.versionById, datasetVersionId),
  ]);
  const dataset = await existing(loaders.datasets.byId, version.datasetId);
  return { spec, baseModel, datasetVersion: { id: version.id, name: `${dataset.name}, version ${version.number}` } };
}
