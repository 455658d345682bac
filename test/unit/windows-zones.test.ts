import { expect, test } from 'vitest';
import { ianaZone, windowsZones } from '../../server/domain/windows-zones.ts';
import { wallToInstant } from '../../server/domain/zones.ts';

const wall = Date.parse('2026-07-01T12:00:00Z');
const at = (zone: string) => {
  const instant = wallToInstant(wall, zone);
  return instant === null ? null : new Date(instant).toISOString();
};

test('[PA24] [GR4] a wall clock is read in a zone by its Windows name as by its IANA name', () => {
  expect(at('W. Europe Standard Time')).toBe('2026-07-01T10:00:00.000Z');
  expect(at('W. Europe Standard Time')).toBe(at('Europe/Berlin'));
  expect(at('Pacific Standard Time')).toBe(at('America/Los_Angeles'));
  expect(at('Taipei Standard Time')).toBe(at('Asia/Taipei'));
  expect(at('UTC')).toBe('2026-07-01T12:00:00.000Z');
  expect(at('Middle Earth Standard Time')).toBeNull();
});

test('[PA24] every Windows name stands for a zone that this runtime knows', () => {
  expect(windowsZones()).toHaveLength(139);
  for (const name of windowsZones())
    expect(wallToInstant(wall, name), `${name}: ${ianaZone(name)}`).not.toBeNull();
});
