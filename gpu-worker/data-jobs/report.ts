import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ProblemsError, problem } from '../../src/problems/problem.js';
import type { ReportedFacts, ReportJob, ReportStage } from '../../src/protocol/preparation/report-job.js';
import { usualNearMatch } from '../../src/protocol/preparation/steps/duplicates.js';
import type { ArtifactStore } from '../../src/storage/artifact-store.js';
import { openDuckDb } from '../../src/storage/duckdb.js';
import { StorageError } from '../../src/storage/storage-error.js';
import { temporaryName } from '../../src/storage/temporary-files.js';
import { verifiedPath } from '../../src/storage/verified-path.js';
import { loadManifest, loadModel } from '../models/load-model.js';
import { compareVersions } from '../preparation/comparison/compare-versions.js';
import { openModelEncoder } from '../preparation/model-choice/frozen-features.js';
import { readingOf } from '../preparation/model-reading.js';
import { refusePhoneRegions } from '../preparation/personal-data/refuse-phone-regions.js';
import { createScan } from '../preparation/personal-data/scan.js';
import { readingMemoryProblem } from '../preparation/reading-memory.js';
import type { FrozenEncoder } from '../preparation/report/frozen-features.js';
import { createHashedWords } from '../preparation/report/hashed-words.js';
import { reportDataset } from '../preparation/report/report-dataset.js';
import {
  inputColumns,
  openReportedFile,
  type ReportedFile,
  type ReportTools,
} from '../preparation/report/reported-file.js';
import type { JobContext } from '../thread-port.js';
import type { JobOutcome } from '../thread-protocol.js';
import type { DataTools } from './prepare.js';
import { stopsWork } from './stops-work.js';

/** Dimensions of the vectors that texts are compared by. */
const dimensions = 512;

/** Tokens of a text that a model reads for its vector: as many as a training usually does. */
const mostTokens = 128;

/** The least confidence in a language: the same as of the step that a report suggests. */
const surelyDetected = 0.9;

/** One for texts that are read in JavaScript, and one for statements, which follow one another meanwhile. */
const connections = 2;

/**
 * Looks at a dataset version, or compares it with another one.
 * @throws ProblemsError MISSING_ARTIFACT for a version whose file is gone, INVALID_VALUE for a region without telephone
 * numbers; ProblemError for a model; RunStopped
 */
export async function report(
  job: ReportJob,
  context: JobContext,
  { store, folder, ingestion, openEngine, availableBytes }: DataTools,
): Promise<JobOutcome & { readonly kind: 'finished' }> {
  const work = join(folder, temporaryName());
  const stops = stopsWork(context);
  try {
    await mkdir(work, { recursive: true, mode: 0o700 });
    const settings = {
      ...ingestion,
      path: ':memory:',
      temporaryFolder: join(work, 'spill'),
      cancellation: stops.signal,
    };
    const database = await openDuckDb(settings, connections);
    try {
      const tools: ReportTools = { database, beat: stops.beat };
      const tell = (reportStage: ReportStage): void => context.progressed({ reportStage });
      const facts = await factsOf(job, { store, openEngine, availableBytes }, tools, tell);
      return { kind: 'finished', result: { kind: 'report' }, model: null, facts };
    } finally {
      database.close();
    }
  } finally {
    stops.end();
    await rm(work, { recursive: true, force: true });
  }
}

async function factsOf(
  job: ReportJob,
  { store, ...computing }: Pick<DataTools, 'store' | 'openEngine' | 'availableBytes'>,
  tools: ReportTools,
  tell: (stage: ReportStage) => void,
): Promise<ReportedFacts> {
  const { readRows, encodedRows, seed, fewExamples, mostNearRows, personalData } = job;
  refusePhoneRegions(personalData.phoneRegions, ['personalData', 'phoneRegions']);
  const open = async ({ digest, roles }: ReportJob['version']) =>
    openReportedFile(tools.database, await pathOf(store, digest), roles);
  const file = await open(job.version);
  await using features = await openFeatures(job, file, { store, ...computing }, tools.beat);
  const { encoder } = features;
  if (job.comparedWith !== null) {
    tell('COMPARING');
    const before = await open(job.comparedWith);
    const comparison = await compareVersions(tools, before, file, encoder, { key: job.key, encodedRows, seed });
    return { report: null, comparison };
  }
  // Its frequencies take a second to read: previews in this thread do not wait for them.
  const { detectLanguage } = await import('../preparation/text/language-of-text.js');
  const parts = {
    model:
      job.modelDigest === null
        ? null
        : await readingOf(store, await loadManifest(store, job.modelDigest), job.maxLength),
    scanPersonalData: createScan(personalData),
    personalDataSearch: personalData,
    detectLanguage: (text: string) => {
      const { language, confidence } = detectLanguage(text);
      return confidence < surelyDetected ? null : language;
    },
    encoder,
    near: {
      ...usualNearMatch,
      shingles: { unit: usualNearMatch.shingleUnit, size: usualNearMatch.shingleSize },
      mostRows: mostNearRows,
    },
  };
  return {
    report: await reportDataset(tools, file, parts, { readRows, encodedRows, seed, fewExamples }, tell),
    comparison: null,
  };
}

/** What texts are compared by, and what is to be released with it. */
async function openFeatures(
  { featureModel }: Pick<ReportJob, 'featureModel'>,
  file: ReportedFile,
  { store, openEngine, availableBytes }: Pick<DataTools, 'store' | 'openEngine' | 'availableBytes'>,
  beat: () => void,
): Promise<AsyncDisposable & { readonly encoder: FrozenEncoder }> {
  if (featureModel === null) {
    return { encoder: createHashedWords(dimensions), [Symbol.asyncDispose]: async () => undefined };
  }
  const releases: (() => Promise<void>)[] = [];
  const release = async () => {
    for (const each of releases.splice(0).reverse()) await each();
  };
  try {
    const manifest = await loadManifest(store, featureModel.digest);
    const maxLength = Math.min(mostTokens, manifest.contextLength);
    const tooLarge = readingMemoryProblem(manifest, maxLength, 'vectors', availableBytes(), ['featureModelId']);
    if (tooLarge !== null) throw new ProblemsError([tooLarge]);
    const model = await loadModel(store, featureModel.digest);
    releases.push(() => model.weights.close());
    const engine = await openEngine();
    releases.push(() => engine.release());
    const reading = { engine, model, maxLength, truncationSide: manifest.truncationSide, beat };
    const encoder = await openModelEncoder(reading, inputColumns(file).length > 1);
    releases.push(encoder.release);
    return { encoder, [Symbol.asyncDispose]: release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function pathOf(store: ArtifactStore, digest: string): Promise<string> {
  try {
    return await verifiedPath(store, digest);
  } catch (error) {
    if (!(error instanceof StorageError) || (error.code !== 'NOT_FOUND' && error.code !== 'CORRUPT')) throw error;
    const state = error.code === 'CORRUPT' ? 'was damaged on the server' : 'is no longer on the server';
    const hint = 'Send its file again, as another version.';
    throw new ProblemsError([
      problem(['datasetVersionId'], 'MISSING_ARTIFACT', `The file of the version ${state}.`, hint),
    ]);
  }
}
