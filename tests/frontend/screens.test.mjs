// Each view on every screen: nothing is too wide, too heavy, too faint, or moves while it loads.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closePage, contrast, launch, openPage, screenshot, violations } from '../browser/browser.mjs';
import { openGrid, packagesOf } from './example.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const picked = packagesOf('maps').slice(0, 3).map(each => each.slug).join('+');
const VIEWS = {
  home: { query: '', ready: '.index li' },
  grid: { query: 'grid=maps&package=django-loci', ready: 'tbody tr' },
  picked: { query: `grid=maps&pick=${picked}&colour=red`, ready: '.pick-bar' },
  compare: { query: `grid=maps&pick=${picked}&compare=yes`, ready: '.comparison' },
  package: { query: 'package=django-loci', ready: '.figures' },
  search: { query: 'search=django', ready: '.hit' },
  'no grid': { query: 'grid=no-such-thing', ready: '.notice h1' },
  'no package': { query: 'package=no-such-thing', ready: '.notice h1' },
  'no hit': { query: 'search=no-such-thing', ready: '.notice h1' },
};

for (const [view, { query, ready }] of Object.entries(VIEWS)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`fits every screen and can be read: ${view}, ${colorScheme}`, async () => {
      const page = await openPage(browser, `/example/?${query}`, { viewport: { width: 1920, height: 900 }, colorScheme });
      await page.locator(ready).first().waitFor();
      for (const width of [1920, 1280, 768, 360]) {
        await page.setViewportSize({ width, height: 900 });
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${overflow} px wider than ${width} px`);
        if (width !== 768) assert.deepEqual(await violations(page), [], `at ${width} px`);
        await screenshot(page, `frontend-${view}-${width}-${colorScheme}`, { fullPage: true });
      }
      assert.deepEqual(await contrast(page), []);
      await closePage(page);
    });
  }

  test(`asks one query, and nothing moves while it comes: ${view}`, async () => {
    for (const width of [360, 1280]) {
      // A view that asks nothing, to begin from.
      const page = await openPage(browser, '/example/?search=', { viewport: { width, height: 800 } });
      const asked = [];
      await page.addInitScript(() => {
        globalThis.shift = 0;
        // Nothing changes meanwhile: what changes is asked for again.
        globalThis.EventSource = class extends EventTarget {
          close() {}
        };
        new PerformanceObserver(list => {
          for (const entry of list.getEntries()) globalThis.shift += entry.value;
        }).observe({ type: 'layout-shift', buffered: true });
      });
      await page.route('**/graphql?*', async route => {
        asked.push(new URL(route.request().url()).searchParams.get('operationName'));
        const answer = await route.fetch();
        // What is shown while it loads is seen first.
        await page.getByRole('status').first().waitFor();
        if (width === 1280) assert.deepEqual(await violations(page), [], 'while it loads');
        await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))));
        await route.fulfill({ response: answer });
      });
      await page.goto(new URL(`/example/?${query}`, page.url()).href);
      await page.locator(ready).first().waitFor();
      await page.evaluate(() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      assert.equal(asked.length, 1, `${asked}`);
      assert.ok((await page.evaluate(() => globalThis.shift)) < 0.001);
      await closePage(page);
    }
  });
}

test('the first view weighs little', async () => {
  for (const query of ['', 'grid=geolocation', 'package=django-loci']) {
    const page = await openPage(browser, `/example/?${query}`);
    await page.locator('main h1').first().waitFor();
    assert.ok((await page.bytes()) < 120_000, `${await page.bytes()} bytes`);
    await closePage(page);
  }
});

test('a phone sorts rows of two lines, the sorted value among them', async () => {
  const page = await openGrid(browser, 'grid=maps&sort=-forks', { viewport: { width: 360, height: 800 } });
  const forks = page.locator('tbody .forks').first();
  const [row, cell] = await Promise.all([page.locator('tbody tr').first().boundingBox(), forks.boundingBox()]);
  assert.ok(cell.y + cell.height <= row.y + row.height);
  await page.getByRole('combobox', { name: 'Sort by' }).selectOption('Package');
  await page.getByRole('button', { name: 'Downwards; sort upwards' }).click();
  const shown = await page.locator('tbody .title a').allInnerTexts();
  assert.deepEqual(shown, packagesOf('maps').map(each => each.title).sort((one, other) => one.localeCompare(other, 'en')));
  await closePage(page);
});
