// GraphiQL without a mouse.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESKTOP, launch, PHONE, violations } from './browser.mjs';
import { graphiqlIn, query, run } from './graphiql.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const graphiql = (path, use) => graphiqlIn(browser, path, DESKTOP, use);
const queryHas = (page, pattern) =>
  page.waitForFunction(
    wanted => new RegExp(wanted).test(globalThis.__MONACO.editor.getModels().find(m => m.uri.path.endsWith('operation.graphql')).getValue()),
    pattern.source,
  );
const answered = page => page.waitForResponse(response => response.request().method() === 'POST');

/** What has the focus: its name and whether it can be seen that it has. */
const focused = page =>
  page.evaluate(() => {
    const element = document.activeElement;
    const isEditor = Boolean(element.closest('.monaco-editor'));
    const name = element === document.body ? '' : element.ariaLabel || element.textContent.trim() || element.id || element.tagName;
    return { name, isSeen: !name || isEditor || getComputedStyle(element).outlineStyle !== 'none' };
  });

test('Tab reaches everything, leaves every editor, and shows where it is', () =>
  graphiql('/graphql', async page => {
    await run(page);
    const seen = [];
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press('Tab');
      const { name, isSeen } = await focused(page);
      assert.ok(isSeen, `it cannot be seen that ${name} has the focus`);
      seen.push(name);
    }
    for (const wanted of ['Search', 'Catalogue Gateway', 'Copy a link to this tab', 'Variables', 'Table', 'CSV', 'Width']) {
      assert.ok(seen.includes(wanted), `${wanted} is not among ${seen.join(' | ')}`);
    }
  }));

test('Enter leads into an editor, Tab leads out', () =>
  graphiql('/graphql', async page => {
    await page.locator('.graphiql-query-editor .graphiql-editor').focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement.closest('.monaco-editor'));
    const before = await query(page);
    await page.keyboard.press('Tab');
    assert.equal((await focused(page)).name, 'Execute query (Ctrl-Enter)');
    assert.equal(await query(page), before);
  }));

test('the query builder finds a field, and Enter adds it', () =>
  graphiql('/graphql?query=%7Bpackage(slug%3A%22django-loci%22)%7Bslug%7D%7D', async page => {
    await page.getByRole('button', { name: 'Show Query builder' }).press('Enter');
    const search = page.getByRole('searchbox', { name: 'Find a field' });
    await search.fill('FORKS');
    assert.deepEqual(
      await page.locator('.query-builder [data-field-name]:visible').evaluateAll(all => all.map(each => each.dataset.fieldName)),
      ['package', 'repoForks'],
    );
    await search.press('Enter');
    await queryHas(page, /repoForks/);
    await search.fill('a"]){}');
    await search.press('Enter');
    assert.equal(await page.locator('.query-builder [data-field-name]:visible').count(), 0);
  }));

test('the fields and arguments of the query builder are operated by keys', () =>
  graphiql('/graphql?query=%7Bcategories%7Bslug%7D%7D', async page => {
    await page.getByRole('button', { name: 'Show Query builder' }).press('Enter');
    const builder = page.getByRole('region', { name: 'Query builder' });
    const search = builder.getByRole('button', { name: 'search', exact: true });
    assert.equal(await search.getAttribute('aria-expanded'), 'false');
    await search.press(' ');
    await queryHas(page, /search/);
    await builder.getByRole('button', { name: 'search', exact: true, expanded: true }).waitFor();
    const argument = builder.getByRole('textbox', { name: 'query', exact: true });
    if (!(await argument.count())) await builder.getByRole('checkbox', { name: /^query/ }).press('Enter');
    await argument.fill('cache');
    await queryHas(page, /query: "cache"/);
    await builder.getByRole('checkbox', { name: 'totalCount' }).first().press('Enter');
    await queryHas(page, /totalCount/);
    const answer = answered(page);
    await argument.press('Enter');
    assert.ok((await (await answer).json()).data.search.totalCount > 0);
  }));

test('Ctrl-Enter runs the query, whatever has the focus', () =>
  graphiql('/graphql', async page => {
    await page.getByRole('button', { name: 'Execute query (Ctrl-Enter)' }).waitFor();
    for (const focus of [() => page.evaluate(() => document.activeElement.blur()), () => page.getByRole('button', { name: 'Catalogue', exact: true }).focus()]) {
      await focus();
      const answer = answered(page);
      await page.keyboard.press('Control+Enter');
      assert.ok((await (await answer).json()).data.package.title);
    }
  }));

test('the arrow keys move the bars between panes', () =>
  graphiql('/graphql', async page => {
    const bar = page.getByRole('separator', { name: 'Width' });
    const width = () => page.locator('.graphiql-editors').evaluate(each => each.clientWidth);
    const before = await width();
    await bar.press('ArrowRight');
    assert.ok((await width()) > before + 16);
    await bar.press('ArrowLeft');
    await bar.press('ArrowLeft');
    assert.ok((await width()) < before - 16);
  }));

for (const colorScheme of ['light', 'dark']) {
  for (const [screen, options] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
    test(`nothing keeps anybody out (axe), ${screen}, ${colorScheme}`, () =>
      graphiqlIn(browser, '/graphql', { ...options, colorScheme }, async page => {
        await run(page);
        assert.deepEqual(await violations(page), []);
        await page.getByRole('button', { name: 'Table' }).click();
        for (const panel of ['Query builder', 'Documentation Explorer', 'Examples', 'History']) {
          await page.getByRole('button', { name: `Show ${panel}` }).click();
          await page.locator('.graphiql-plugin > *').first().waitFor();
          assert.deepEqual(await violations(page), [], panel);
          await page.getByRole('button', { name: `Hide ${panel}` }).click();
        }
        await page.getByRole('button', { name: 'Open settings dialog' }).click();
        await page.getByRole('dialog').waitFor();
        assert.deepEqual(await violations(page), [], 'settings');
      }));
  }
}
