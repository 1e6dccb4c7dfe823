import { afterAll } from 'vitest';

/** What vitest's worker knows of the files that it has run. */
interface WorkerState {
  readonly filepath: string;
  readonly evaluatedModules: {
    getModuleById(id: string): object | undefined;
    invalidateModule(module: object): void;
  };
}

// A process that runs many files keeps what each has in its variables: an API with its log, models, rows.
afterAll(() => {
  const { filepath, evaluatedModules } = (globalThis as unknown as { __vitest_worker__: WorkerState })
    .__vitest_worker__;
  const module = evaluatedModules.getModuleById(filepath);
  if (module !== undefined) evaluatedModules.invalidateModule(module);
});
