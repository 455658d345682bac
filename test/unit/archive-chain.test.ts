import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createChain, verifyChain } from '../../server/services/archive-chain.ts';

const exported = (texts: readonly string[]) => {
  const chain = createChain();
  const lines = texts.map((text) => chain.line(JSON.stringify({ type: 'message', text })));
  lines.push(chain.line(JSON.stringify({ type: 'end', lines: chain.count + 1 })));
  return lines.map((line) => line.trimEnd());
};
const verdict = async (lines: readonly string[]) => verifyChain(lines);

describe('the chain', () => {
  test('[IM52] an untouched export is intact, also when it is empty', async () => {
    expect(await verdict(exported([]))).toMatchObject({ intact: true, lines: 1 });
    expect(await verdict(exported(['a', 'b']))).toMatchObject({ intact: true, lines: 3 });
  });

  const lines = exported(['one', 'two', 'three']);
  test.each([
    ['a changed word', lines.with(1, lines[1]!.replace('two', 'too')), 2],
    ['a changed digest', lines.with(1, lines[1]!.replace(/"hash":"./, '"hash":"0')), 2],
    ['a missing line', lines.toSpliced(1, 1), 2],
    ['a doubled line', lines.toSpliced(1, 0, lines[0]!), 2],
    ['two lines swapped', [lines[1]!, lines[0]!, lines[2]!, lines[3]!], 1],
    ['a cut end', lines.slice(0, 3), 3],
    ['a line behind the end', [...lines, lines[0]!], 5],
    ['something else', [...lines.slice(0, 3), 'hello'], 4],
  ])('[IM52] %s is found', async (_, touched, line) => {
    expect(await verdict(touched)).toMatchObject({ intact: false, line });
  });

  test('[IM52] a chain made anew from the middle does not fit the rest', async () => {
    const forged = exported(['one', 'forged', 'three']);
    expect(await verdict([lines[0]!, forged[1]!, lines[2]!, lines[3]!])).toMatchObject({
      intact: false,
      line: 3,
    });
  });

  test('[IM52] any one changed character anywhere is found', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1, unit: 'binary-ascii' }),
        async (place, sign) => {
          const whole = lines.join('\n');
          const at = place % whole.length;
          fc.pre(whole[at] !== sign && sign !== '\n' && whole[at] !== '\n');
          const touched = whole.slice(0, at) + sign + whole.slice(at + 1);
          expect((await verdict(touched.split('\n'))).intact).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });
});
