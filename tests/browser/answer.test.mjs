// What stands under an answer in GraphiQL, and what can be done with it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { DESKTOP, launch, openPage, PHONE, screenshot, shows, violations } from './browser.mjs';
import { editor, graphiqlIn, openExample, query, result, run, text, write } from './graphiql.mjs';

const PACKAGES = '/graphql?' + new URLSearchParams({ query: '{ packages(first: 3) { nodes { id slug category { title } } } }' });

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const graphiql = (path, use) => graphiqlIn(browser, path, DESKTOP, use);
const facts = page => page.locator('.answer').getByRole('status');
const table = page => page.locator('.answer-table');
const cells = row => row.locator('th, td').allInnerTexts();

test('says how long an answer took, how large it is and where it came from', () =>
  graphiql('/graphql', async page => {
    await write(page, 'query-editor', `{ packages(first: 50) { nodes { slug title } } } # ${Date.now()}`);
    await page.waitForURL(url => !url.searchParams.has('operationName'));
    assert.equal(await facts(page).innerText(), '');
    await run(page);
    await shows(facts(page), /^[\d,.]+ ms · [\d.]+ kB, [\d.]+ (kB|bytes) compressed · executed in [\d.]+ ms, 0 upstream requests$/);
    await run(page);
    await shows(facts(page), /· ready$/);
    await openExample(page, 'Catalogue');
    await facts(page).filter({ hasText: /./ }).waitFor({ state: 'detached' }); // another tab has no answer yet
    await openExample(page, 'Filters');
    await write(page, 'query-editor', '{ nope }');
    await page.waitForURL(url => !url.searchParams.has('operationName'));
    await run(page);
    await shows(facts(page), /^status 400 · [\d.]+ ms · \d+ bytes$/);
    assert.match(page.faults.pop(), /status of 400/); // Chromium's console has it too.
  }));

test('shows a list as a table, and gives it as CSV', () =>
  graphiql(PACKAGES, async page => {
    const { nodes } = (await run(page)).data.packages;
    await page.getByRole('button', { name: 'Table' }).click();
    assert.deepEqual(await cells(table(page).locator('thead tr')), ['id', 'slug', 'category.title']);
    const wanted = nodes.map(({ id, slug, category }) => [id, slug, category.title]);
    assert.deepEqual(await Promise.all((await table(page).locator('tbody tr').all()).map(cells)), wanted);
    await screenshot(page, 'graphiql-table');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'CSV' }).click();
    const download = await saved;
    assert.match(download.suggestedFilename(), /packages\.nodes\.csv$/);
    const lines = ['id,slug,category.title', ...wanted.map(row => row.join(',')), ''];
    assert.equal(readFileSync(await download.path(), 'utf8'), lines.join('\r\n'));
    await page.getByRole('button', { name: 'Table' }).click();
    assert.equal(await table(page).count(), 0);
  }));

test('offers each list of an answer', () =>
  graphiql('/graphql', async page => {
    const { grids } = (await run(page)).data.package;
    await page.getByRole('button', { name: 'Table' }).click();
    const count = grids.flatMap(grid => grid.packages).length;
    assert.equal(await table(page).locator('tbody tr').count(), count);
    await page.getByRole('combobox', { name: 'List' }).selectOption('package.grids');
    assert.equal(await table(page).locator('tbody tr').count(), grids.length);
  }));

test('an answer without a list has no table', () =>
  graphiql('/graphql?query=%7Bcategory(slug%3A%22apps%22)%7Btitle%7D%7D', async page => {
    await run(page);
    await shows(facts(page), / ms · /);
    assert.equal(await page.getByRole('button', { name: 'CSV' }).count(), 0);
  }));

test('copies a link that opens the same tab', () =>
  graphiql('/graphql', async page => {
    await openExample(page, 'Search');
    await write(page, 'editor-tool', '{"text": "été & #1"}');
    await page.waitForURL(/%231/);
    await page.getByRole('button', { name: 'Copy a link to this tab' }).click();
    await page.getByText('Link copied').waitFor();
    const link = new URL(await page.evaluate(() => navigator.clipboard.readText()));
    const shared = await openPage(browser, link.pathname + link.search + link.hash);
    await shared.locator('.graphiql-query-editor .view-line').first().waitFor();
    assert.equal(await query(shared), await query(page));
    assert.equal(await text(shared, 'variables.json'), '{"text": "été & #1"}');
    await shared.context().close();
  }));

test('a document too long for a request line is shared after the #', () =>
  graphiql('/graphql', async page => {
    const long = `{ ${Array.from({ length: 400 }, (_, n) => `alias_number_${n}: __typename`).join(' ')} }`;
    await write(page, 'query-editor', long);
    await page.waitForURL(/#query=/);
    assert.equal(new URL(page.url()).search, '');
    const link = page.url();
    await openExample(page, 'Search');
    await page.waitForURL(/operationName=Search/);
    await page.goto(link);
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
    assert.equal(await query(page), long);
    await page.goto(link.replace('__typename', 'other: __typename'));
    await page.waitForFunction(() => globalThis.__MONACO?.editor.getModels().some(model => /other: __typename/.test(model.getValue())));
  }));

test('with the gateway stopped it says so in one sentence, and goes on when it is back', () =>
  graphiql('/graphql', async page => {
    await page.route('**/graphql', route => route.abort('connectionrefused'));
    for (const button of [/^Execute/, /^Re-fetch/]) {
      await page.getByRole('button', { name: button }).click();
      await editor(page, 'response').getByText('cannot be reached').waitFor();
      const { errors, ...rest } = JSON.parse(await result(page));
      assert.deepEqual([errors.length, Object.keys(errors[0]), rest], [1, ['message'], {}]);
      assert.match(errors[0].message, /^The gateway at 127\.0\.0\.1:\d+ cannot be reached: [^.]+\.$/);
    }
    await page.unroute('**/graphql');
    await page.route('**/graphql', route => route.fulfill({ status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>' }));
    await page.getByRole('button', { name: /^Execute/ }).click();
    await editor(page, 'response').getByText('status 502').waitFor();
    await page.unroute('**/graphql');
    assert.ok((await run(page)).data.package);
    assert.ok(page.faults.length);
    page.faults.length = 0; // Chromium writes each refused connection into the console.
  }));

test('follows a subscription until it is stopped', () => {
  const query = 'subscription { catalogueChanged { version isTruncated } }';
  return graphiql(`/graphql?${new URLSearchParams({ query })}`, async page => {
    await page.getByRole('button', { name: /^Execute/ }).click();
    await shows(facts(page), / · event 1, at /);
    const { version, isTruncated } = JSON.parse(await result(page)).data.catalogueChanged;
    assert.match(version, /^[0-9]+$/);
    assert.equal(isTruncated, false);
    await page.getByRole('button', { name: /^Stop/ }).click();
    await page.getByRole('button', { name: /^Execute/ }).waitFor();
  });
});

test('headers that cannot be sent are not blamed on the gateway', () =>
  graphiql('/graphql', async page => {
    await page.getByRole('button', { name: 'Headers', exact: true }).click();
    await write(page, 'editor-tool', '{"not a name": "x"}');
    await page.getByRole('button', { name: /^Execute/ }).click();
    await editor(page, 'response').getByText('Invalid name').waitFor();
    assert.doesNotMatch(await result(page), /cannot be reached/);
  }));

const explain = page => page.getByRole('button', { name: 'Explain' });
const explanation = page => page.getByRole('region', { name: 'Explanation' });

test('explains an answer by keyboard: in words, layer by layer, and what was used of each limit', () =>
  graphiql('/graphql', async page => {
    const plain = (await run(page)).data;
    const asked = page.waitForRequest(request => request.method() === 'POST');
    await explain(page).focus();
    await page.keyboard.press('Enter');
    assert.equal((await asked).headers()['x-catalogue-explain'], '1');
    await explanation(page).waitFor();
    assert.equal(await explain(page).getAttribute('aria-pressed'), 'true');
    const { data, extensions } = JSON.parse(await result(page));
    assert.deepEqual(data, plain);
    const rows = await Promise.all((await explanation(page).locator('tbody tr').all()).map(cells));
    const packages = plain.package.grids.flatMap(grid => grid.packages);
    const row = rows.find(([field]) => field === 'packages');
    assert.deepEqual([row[1], row[2], row[3], row[6]], ['3', String(plain.package.grids.length), String(packages.length), 'packages_of_grids']);
    assert.deepEqual(
      await explanation(page).locator('ul > li').allInnerTexts(),
      extensions.explain.notes.map(note => note.replaceAll('`', '')),
    );
    assert.match(await explanation(page).innerText(), /max-nodes\s+[\d,]+ of 100,000/);
    await page.keyboard.press('Enter');
    assert.equal(await explanation(page).count(), 0);
    assert.equal((await run(page)).extensions, undefined);
  }));

test('what a limit refuses is explained too, and a table takes the place of an explanation', () =>
  graphiql(PACKAGES, async page => {
    await run(page);
    await explain(page).click();
    await explanation(page).waitFor();
    await page.getByRole('button', { name: 'Table' }).click();
    assert.equal(await explanation(page).count(), 0);
    assert.equal(await explain(page).getAttribute('aria-pressed'), 'false');
    await explain(page).click();
    const pages = 'packages(first: 100) { nodes { ';
    await write(page, 'query-editor', `{ ${pages}${'alternatives(first: 100) { nodes { '.repeat(2)}grids { id }${' } }'.repeat(3)} }`);
    await page.getByRole('button', { name: /^Execute/ }).click();
    await explanation(page).getByText('It goes beyond').waitFor();
    assert.match(await explanation(page).innerText(), /not reached/);
    page.faults.length = 0; // Chromium writes the status 400 into the console.
  }));

for (const [name, options] of Object.entries({
  light: { ...DESKTOP, colorScheme: 'light' },
  dark: { ...DESKTOP, colorScheme: 'dark' },
  phone: PHONE,
})) {
  test(`an explanation can be read: ${name}`, () =>
    graphiqlIn(browser, '/graphql', options, async page => {
      await run(page);
      await explain(page).click();
      await explanation(page).waitFor();
      await screenshot(page, `graphiql-explanation-${name}`);
      assert.deepEqual(await violations(page), []);
      const excess = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(excess <= 0, `the page is ${excess} pixels wider than the screen`);
    }));
}
