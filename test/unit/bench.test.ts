/** The instruments of the bench: what measures must itself be right. */
import { describe, expect, test } from 'vitest';
import { fillIn } from '../bench/load.ts';
import { formatReport, meetsGoal, rowOf } from '../bench/report.ts';
import { createHistogram, median } from '../bench/statistics.ts';
import { smallLoad as load } from '../support/small-load.ts';

describe('statistics', () => {
  test('a median is the middle one, or the mean of the two', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  test('percentiles are within 1.6 % of the truth over six decades', () => {
    const histogram = createHistogram();
    const values = Array.from({ length: 20_000 }, (_, index) => Math.round(1.0007 ** index));
    for (const value of values) histogram.record(value);
    for (const share of [0.01, 0.25, 0.5, 0.9, 0.99, 1]) {
      const truth = values[Math.ceil(share * values.length) - 1] ?? 0;
      const found = histogram.percentile(share);
      expect(Math.abs(found - truth)).toBeLessThanOrEqual(Math.max(1, truth / 60));
    }
    expect(histogram.count).toBe(20_000);
    expect(histogram.max).toBe(values.at(-1));
  });

  test('an empty histogram says 0', () => {
    expect(createHistogram().percentile(0.99)).toBe(0);
  });
});

describe('a load', () => {
  test('is filled in for each connection', () => {
    expect(fillIn('@I@ @G@ @T@ @1@ @2@|', load, 5, 42)).toBe('000005 000001 0000000000000042 c |');
    expect(fillIn('@1@@2@', load, 4, 42)).toBe('ab');
  });

  test('has its length counted in bytes', () => {
    const text = fillIn(load.profile.publish, load, 0, 1);
    expect(text).toContain('Content-Length: 00036\r\n');
    expect(Buffer.byteLength(text.slice(text.indexOf('\r\n\r\n') + 4))).toBe(36);
  });
});

describe('a report', () => {
  test('shows what could not be measured as unknown, and judges nothing by it', () => {
    const row = rowOf('CPU', 'µs', [1, null, 3], { goal: { atMost: 2 } });
    expect(row.value).toBeNull();
    expect(meetsGoal(row)).toBeNull();
    expect(formatReport({ name: 'x', title: 'X', rows: [row], rounds: null })).toContain('| CPU | unknown |');
  });

  test('holds a median to its goal', () => {
    expect(meetsGoal(rowOf('a', '', [1, 9, 2], { goal: { atMost: 2 } }))).toBe(true);
    expect(meetsGoal(rowOf('a', '', [1, 9, 2], { goal: { atLeast: 3 } }))).toBe(false);
    expect(meetsGoal(rowOf('a', '', [1]))).toBeNull();
  });
});
