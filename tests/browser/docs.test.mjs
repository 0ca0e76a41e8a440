// The site of docs/ as a reader meets it; `closePage` fails for what the Content-Security-Policy refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closePage, DESKTOP, launch, openPage, PHONE, screenshot, violations } from './browser.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

for (const [screen, options] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
  for (const colorScheme of ['light', 'dark']) {
    test(`fits the screen, ${screen}, ${colorScheme}`, async () => {
      const page = await openPage(browser, '/docs/http/', { ...options, colorScheme });
      assert.match(await page.getByRole('heading', { level: 1 }).innerText(), /^Over HTTP/);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${overflow} px wider than the screen`);
      await screenshot(page, `docs-${screen}-${colorScheme}`);
      await closePage(page);
    });
  }
}

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing on any page, ${colorScheme}`, async () => {
    const page = await openPage(browser, '/docs/', { ...DESKTOP, colorScheme });
    const links = await page.locator('nav.md-nav--primary a.md-nav__link').evaluateAll(all => all.map(each => each.href));
    const pages = new Set(links.map(link => link.split('#')[0]));
    assert.ok(pages.size > 20, `${pages.size} pages`);
    for (const address of pages) {
      await page.goto(address);
      assert.deepEqual(await violations(page), [], address);
    }
    await closePage(page);
  });
}

test('one goes from page to page', async () => {
  const page = await openPage(browser, '/docs/');
  await page.getByRole('article').getByRole('link', { name: 'GraphQL over HTTP' }).click();
  await page.waitForURL('**/docs/http/');
  await closePage(page);
});

test('the theme is kept from page to page', async () => {
  const page = await openPage(browser, '/docs/');
  const dark = page.locator('body[data-md-color-scheme="slate"]');
  await page.locator('label[title="Light theme"]').click();
  await page.locator('label[title="Dark theme"]').click();
  await dark.waitFor();
  await page.goto(`${page.url()}http/`);
  await dark.waitFor();
  await closePage(page);
});

test('the search leads to a word', async () => {
  const page = await openPage(browser, '/docs/');
  // Its field and its results are in a shadow root that is closed to everybody, this test too.
  await page.addInitScript(() => {
    const { attachShadow } = Element.prototype;
    Element.prototype.attachShadow = function (options) {
      return attachShadow.call(this, { ...options, mode: 'open' });
    };
  });
  await page.goto(`${page.url()}http/`);
  await page.getByRole('button', { name: 'Search' }).first().click();
  await page.getByRole('combobox', { name: 'Search' }).fill('glossary');
  await page.getByRole('option', { name: /^Glossary/ }).first().click();
  await page.waitForURL(/\/docs\/architecture\/.*#glossary$/);
  await closePage(page);
});
