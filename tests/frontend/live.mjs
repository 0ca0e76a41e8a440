// node live.mjs: opens a package and a grid, says so, and ends when both show another title.
import assert from 'node:assert/strict';
import { closePage, launch, openPage } from '../browser/browser.mjs';

const [before, after] = process.argv.slice(2);
const browser = await launch();
const pages = [await openPage(browser, '/example/?package=package-3'), await openPage(browser, '/example/?grid=grid-1')];
const shown = (page, text) => page.getByText(text, { exact: true }).first().waitFor();
await Promise.all(pages.map(page => shown(page, before)));
console.log('shown');
await Promise.all(pages.map(page => shown(page, after)));
for (const page of pages) {
  assert.equal(await page.getByText(before, { exact: true }).count(), 0);
  await closePage(page);
}
console.log('changed');
await browser.close();
