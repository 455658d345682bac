/** A working day of 10,000 people on Microsoft 365, by a simulated clock: what is asked of Graph, beside its limits. */
import { simulateDay } from '../../support/graph-simulation.ts';
import type { BenchCase } from './bench-case.ts';

export const graphDay: BenchCase = {
  name: 'graph-day',
  async run() {
    const day = await simulateDay({ people: 10_000, watched: 2_000, hours: 9 });
    return {
      name: 'graph-day',
      title: 'Microsoft Graph over a simulated day of 9 h, 10,000 people, 2,000 of them watched',
      rows: [
        {
          what: 'calls in the busiest 10 minutes',
          value: day.callsIn10Minutes,
          unit: 'calls',
          remark: 'a $batch is one',
        },
        {
          what: 'calls in the busiest second',
          value: day.callsInASecond,
          unit: 'calls',
          goal: { atMost: 100 },
          remark: 'of all, 13,000 are allowed',
        },
        {
          what: 'requests to the busiest mailbox in 10 minutes',
          value: day.requestsToAMailbox,
          unit: 'requests',
          goal: { atMost: 1_000 },
          remark: '10,000 are allowed',
        },
        {
          what: 'presence calls in the busiest 30 s',
          value: day.presenceCallsIn30Seconds,
          unit: 'calls',
          goal: { atMost: 150 },
          remark: '1,500 are allowed',
        },
        { what: 'until everybody was read once', value: day.startMinutes, unit: 'min', goal: { atMost: 15 } },
        {
          what: 'age of a watched calendar, p99',
          value: day.watchedAgeMinutes,
          unit: 'min',
          goal: { atMost: 6 },
        },
        { what: 'age of another, p99', value: day.othersAgeMinutes, unit: 'min', goal: { atMost: 70 } },
      ],
      rounds: day,
    };
  },
};
