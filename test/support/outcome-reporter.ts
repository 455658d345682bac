/**
 * What `.ci/run` wants to know of a run, in `test-results/outcome.json`: how many passed and failed, and in which
 * files something went wrong, be it a test, a hook, the file itself or an error that came after its last test.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Reporter } from 'vitest/node';

interface Counts {
  readonly passed: number;
  /** A test that skipped itself counts too; a file that went wrong without a failed test counts as one. */
  readonly failed: number;
}

export interface Outcome extends Counts {
  readonly wrong: readonly (Counts & {
    readonly file: string;
    readonly ms: number;
    readonly what: string[];
  })[];
}

const folder = path.resolve('test-results');

export default class OutcomeReporter implements Reporter {
  onTestRunEnd(...[modules, errors]: Parameters<NonNullable<Reporter['onTestRunEnd']>>): void {
    const isIn = (error: (typeof errors)[number], id: string): boolean =>
      error.VITEST_TEST_PATH === id ||
      // A process that died tells by its words where it was.
      `${error.message} ${error.cause?.message}`.includes(id);
    const files = modules.map((module) => {
      const tests = [...module.children.allTests()];
      const passed = tests.filter((test) => test.result().state === 'passed').length;
      const broken = tests.filter((test) => test.result().state === 'failed').map((test) => test.fullName);
      const late = errors.filter((error) => isIn(error, module.moduleId));
      const what = [
        ...broken,
        ...(module.ok() || broken.length > 0 ? [] : ['the file or a hook']),
        ...late.map(({ message }) => `an error that no test caught: ${message}`),
      ];
      const failed = Math.max(tests.length - passed, what.length > 0 ? 1 : 0);
      const { duration } = module.diagnostic();
      return { file: path.relative('.', module.moduleId), ms: Math.round(duration), passed, failed, what };
    });
    const homeless = errors.filter((error) => !modules.some(({ moduleId }) => isIn(error, moduleId)));
    const sum = (part: keyof Counts) => files.reduce((total, file) => total + file[part], 0);
    const outcome: Outcome = {
      passed: sum('passed'),
      failed: sum('failed') + homeless.length,
      wrong: files.filter(({ what }) => what.length > 0),
    };
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, 'outcome.json'), JSON.stringify(outcome));
  }
}
