/**
 * Draws the manifests' PNG files from the one SVG mark, by hand after a change of it: `node test/support/draw-icons.ts`.
 * Committed, because a server must not need a browser to have icons; a test compares their sizes.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { iconSizes } from '../../manifests/product.ts';
import { launchChromium } from './chromium.ts';

const folder = new URL('../../addins/icons/public/', import.meta.url);
const mark = readFileSync(new URL('jellybean.svg', folder), 'utf8');
const browser = await launchChromium();
for (const size of iconSizes) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(
    `<style>body{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${mark}`,
  );
  await page.screenshot({
    path: fileURLToPath(new URL(`jellybean-${size}.png`, folder)),
    omitBackground: true,
  });
  await page.close();
}
// Microsoft 365 wants a second picture: white lines on nothing, 32 pixels.
const outline = await browser.newPage({ viewport: { width: 32, height: 32 } });
const shape = /<path[^>]* d="([^"]+)"/.exec(mark)?.[1] ?? '';
await outline.setContent(
  `<style>body{margin:0}svg{display:block}</style>
  <svg xmlns="http://www.w3.org/2000/svg" width="32" height="32" viewBox="-1.5 -1.5 35 35">
    <path d="${shape}" fill="none" stroke="#fff" stroke-width="2.4" />
  </svg>`,
);
await outline.screenshot({
  path: fileURLToPath(new URL('jellybean-outline-32.png', folder)),
  omitBackground: true,
});
await browser.close();
