/** Which server a part speaks to. */
import { isServerOrigin, serverAddress } from './server-address';

const tenant = async (): Promise<unknown> => ({ Value: 'https://im.contoso.com/' });

test('[OF61] the part’s own setting wins over the tenant’s, and blanks and slashes do not matter', async () => {
  expect(await serverAddress(' https://chat.contoso.com/ ', 'https://x', tenant)).toBe(
    'https://chat.contoso.com',
  );
  expect(await serverAddress('', 'https://x', tenant)).toBe('https://im.contoso.com');
});

test('[OF61] without either there is none, also where the tenant’s cannot be read', async () => {
  expect(await serverAddress(undefined, 'https://x', async () => ({}))).toBe('');
  expect(await serverAddress(undefined, 'https://x', async () => Promise.reject(new Error('403')))).toBe('');
});

test.each([
  ['https://im.contoso.com', true],
  ['http://localhost:8480', true],
  ['http://im.contoso.com', false],
  ['https://im.contoso.com/path', false],
  ['im.contoso.com', false],
])('[OF61] %s as an address: %s', (address, isGood) => {
  expect(isServerOrigin(address)).toBe(isGood);
});
