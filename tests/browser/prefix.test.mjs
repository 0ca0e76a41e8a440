// The pages under a path that a proxy publishes the gateway at; conftest.py serves it at /x too.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { closePage, launch, openPage } from './browser.mjs';
import { graphiqlIn, run } from './graphiql.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

for (const path of ['/x/graphql', '/x/graphql/']) {
  test(`GraphiQL asks and has its workers at ${path}`, () =>
    graphiqlIn(browser, path, undefined, async page => {
      while (page.workers().length < 3) await page.waitForEvent('worker');
      const answer = await run(page);
      assert.ok(answer.data.package.grids.length);
      assert.equal(await page.getByRole('link', { name: 'Catalogue Gateway' }).getAttribute('href'), '/x/');
    }));
}

test('the page at the root of the path leads to GraphiQL', async () => {
  const page = await openPage(browser, '/x/');
  await page.getByRole('link', { name: 'GraphiQL' }).first().click();
  await page.locator('.graphiql-container').waitFor();
  assert.equal(new URL(page.url()).pathname, '/x/graphql');
  await closePage(page);
});
