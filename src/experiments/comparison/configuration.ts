import type { Loaders } from '../../access/context.js';
import { existing } from '../../graphql/load-row.js';
import type { ExperimentRow } from '../experiment.reads.js';
import type { NamedRow } from '../setting.js';
import { compareSettings } from './compare-settings.js';
import { type ConfigurationDifferenceType, toConfigurationDifferenceType } from './setting.type.js';
import { type Configured, settingsOf } from './settings.js';

/**
 * The settings of experiments side by side, read with three statements for all, and two more for control texts.
 * Reference models are read along with base models.
 */
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
  { spec, baseModelId, datasetVersionId, controlVersionId, referenceModelId }: ExperimentRow,
  loaders: Loaders,
): Promise<Configured> {
  const [baseModel, datasetVersion, controlVersion, referenceModel] = await Promise.all([
    existing(loaders.baseModels.byId, baseModelId),
    namedVersion(datasetVersionId, loaders),
    controlVersionId === null ? null : namedVersion(controlVersionId, loaders),
    referenceModelId === null ? null : existing(loaders.baseModels.byId, referenceModelId),
  ]);
  return { spec, baseModel, datasetVersion, controlVersion, referenceModel };
}

async function namedVersion(versionId: string, loaders: Loaders): Promise<NamedRow> {
  const { id, number, datasetId } = await existing(loaders.datasets.versionById, versionId);
  const { name } = await existing(loaders.datasets.byId, datasetId);
  return { id, name: `${name}, version ${number}` };
}
