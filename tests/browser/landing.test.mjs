// The page at `/` as a person meets it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closePage, contrast, DESKTOP, launch, openPage, PHONE, screenshot, shows, violations } from './browser.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const SCREENS = {
  small: { viewport: { width: 360, height: 780 } },
  phone: PHONE,
  tablet: { viewport: { width: 768, height: 1024 } },
  desktop: DESKTOP,
  wide: { viewport: { width: 1920, height: 1080 } },
};

for (const [screen, options] of Object.entries(SCREENS)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`fits the screen and can be read, ${screen}, ${colorScheme}`, async () => {
      const page = await openPage(browser, '/', { ...options, colorScheme });
      assert.ok(await page.getByRole('heading', { level: 1 }).isVisible());
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${overflow} px wider than the screen`);
      assert.deepEqual(await contrast(page), []);
      assert.deepEqual(await violations(page), []);
      await screenshot(page, `landing-${screen}-${colorScheme}`, { fullPage: true });
      await closePage(page);
    });
  }
}

test('weighs little and runs no script', async () => {
  const page = await openPage(browser, '/');
  await page.waitForLoadState('networkidle');
  assert.ok((await page.bytes()) < 40_000, `${await page.bytes()} bytes`);
  assert.equal(await page.locator('script').count(), 0);
  await closePage(page);
});

test('shows an answer beside its query, and both are its own', async () => {
  const page = await openPage(browser, '/');
  const [ask, got] = await page.getByRole('region', { name: 'A query and its answer' }).locator('> div').all();
  assert.match(await ask.innerText(), /query Neighbours[^]*"slug": "django-loci"/);
  const [query, answer] = await Promise.all([ask.boundingBox(), got.boundingBox()]);
  assert.ok(query.x + query.width <= answer.x && query.y === answer.y, 'side by side');
  assert.equal(JSON.parse(await got.locator('code').innerText()).package.title, 'django-loci');
  await closePage(page);
});

test('an example opens in GraphiQL, in its own tab there', async () => {
  const page = await openPage(browser, '/');
  await page.getByRole('link', { name: /^Neighbours/ }).click();
  await page.locator('.graphiql-query-editor .view-line').first().waitFor();
  const tabs = await page.locator('.graphiql-tab').allInnerTexts();
  assert.equal(tabs.filter(name => name === 'Neighbours').length, 1);
  assert.equal(tabs[0], 'Neighbours');
  await shows(page.locator('.graphiql-editor-tool'), /django-loci/);
  await closePage(page);
});

test('one way to connect is open at a time', async () => {
  const page = await openPage(browser, '/');
  await page.getByText('Apollo Client', { exact: true }).click();
  assert.ok(await page.getByText('new InMemoryCache').isVisible());
  assert.ok(!(await page.getByText("-H 'Content-Type: application/json'").isVisible()));
  await closePage(page);
});
