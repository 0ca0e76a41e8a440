// GraphiQL as a person meets it: a browser, a running gateway with the bundled sample (GATEWAY_URL).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DESKTOP, GATEWAY, launch, PHONE, screenshot } from './browser.mjs';
import { asked, editor, examples, graphiqlIn, openExample, query, result, run, tab, tabs, text, titles, write } from './graphiql.mjs';

const POLICY = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'font-src': ["'self'", 'data:'],
  'connect-src': ["'self'"],
  'worker-src': ["'self'"],
  'base-uri': ["'none'"],
  'form-action': ["'none'"],
  'frame-ancestors': ["'none'"],
};

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const graphiql = (path, options, use) => graphiqlIn(browser, path, options, use);
const suggestions = page => page.locator('.suggest-widget .monaco-list-row .label-name');

/** How bright the background is, 0 to 255. */
const brightness = page =>
  page.evaluate(() => {
    const { backgroundColor } = getComputedStyle(document.querySelector('.graphiql-container'));
    const [red, green, blue] = backgroundColor.match(/[\d.]+/g).map(Number);
    return (red + green + blue) / 3;
  });

async function post(body) {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(`${GATEWAY}/graphql`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
}

for (const [screen, options] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  for (const colorScheme of ['light', 'dark']) {
    test(`opens with the worked examples, ${screen}, ${colorScheme}`, () =>
      graphiql('/graphql', { ...options, colorScheme }, async page => {
        assert.deepEqual(await tabs(page), titles);
        assert.equal(await text(page, 'variables.json'), '{\n  "slug": "django-loci"\n}');
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${overflow} px wider than the screen`);
        const answer = await run(page);
        assert.ok(answer.data.package.grids.length);
        await screenshot(page, `graphiql-${screen}-${colorScheme}`);
        const ground = await brightness(page);
        assert.ok(colorScheme === 'dark' ? ground < 90 : ground > 200, `background of brightness ${ground}`);
      }));
  }
}

test('a theme that was chosen wins over the system, and is kept', () =>
  graphiql('/graphql', { ...PHONE, colorScheme: 'dark' }, async page => {
    await page.getByRole('button', { name: 'Open settings dialog' }).tap();
    await screenshot(page, 'graphiql-phone-settings');
    await page.getByRole('button', { name: 'Light' }).tap();
    await page.getByRole('button', { name: 'Close' }).tap();
    await page.reload();
    await page.locator('body.graphiql-light .graphiql-query-editor .monaco-editor.vs').waitFor();
    assert.ok((await brightness(page)) > 200);
  }));

test('weighs at most 2 MB on the first load, under a policy that allows no more than its own files', () =>
  graphiql('/graphql', DESKTOP, async page => {
    while (page.workers().length < 3) await page.waitForEvent('worker'); // GraphQL, JSON, and the editor's own
    await page.waitForLoadState('networkidle');
    const bytes = await page.bytes();
    console.log(`first load: ${bytes} bytes`);
    assert.ok(bytes > 1_000_000, `${bytes} bytes: not everything was counted`);
    assert.ok(bytes <= 2_000_000, `${bytes} bytes`);

    const header = page.response.headers()['content-security-policy'];
    const directives = header.split(';').map(directive => directive.trim().split(/\s+/));
    for (const [name, ...sources] of directives) {
      for (const source of sources) assert.ok(POLICY[name]?.includes(source), `${name} ${source}`);
    }
    for (const name of ['default-src', 'base-uri', 'form-action', 'frame-ancestors']) {
      assert.ok(directives.some(([given]) => given === name), `${name} is missing`);
    }
  }));

test('completes while typing; what federation adds comes last', () =>
  graphiql('/graphql?query=%7B', DESKTOP, async page => {
    await editor(page, 'query-editor').locator('.view-line').first().click();
    await page.keyboard.press('End');
    await page.keyboard.type(' ');
    await suggestions(page).first().waitFor();
    // The list renders what fits into view: walk it to its end.
    const labels = new Set();
    for (let step = 0; step < 100 && !(labels.has('_service') && labels.has('_entities')); step++) {
      for (const label of await suggestions(page).allInnerTexts()) labels.add(label);
      await page.keyboard.press('PageDown');
      await page.evaluate(() => new Promise(requestAnimationFrame));
    }
    const names = [...labels];
    assert.ok(names.includes('package') && names.includes('_entities'), `${names}`);
    const firstInternal = names.findIndex(name => name.startsWith('_'));
    assert.deepEqual(names.slice(firstInternal).filter(name => !name.startsWith('_')), [], `${names}`);
    await page.keyboard.type('pack');
    await suggestions(page).first().getByText('package', { exact: true }).waitFor();
    await screenshot(page, 'graphiql-completion');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => globalThis.__MONACO.editor.getModels().some(m => /package/.test(m.getValue())));
  }));

test('marks a mistake and says what it is', () =>
  graphiql('/graphql', DESKTOP, async page => {
    await write(page, 'query-editor', '{ package(slug: "django-loci") { titel } }');
    await page.locator('.graphiql-query-editor .squiggly-error').first().waitFor();
    await page.locator('.graphiql-query-editor .view-line').getByText('titel').hover();
    await page.getByText('Cannot query field "titel" on type "Package"').first().waitFor();
    await screenshot(page, 'graphiql-mistake');
  }));

test('marks a variable that the operation does not know', () =>
  graphiql('/graphql', DESKTOP, async page => {
    await write(page, 'editor-tool', '{ "slugg": 1 }');
    await page.locator('.graphiql-editor-tool .squiggly-error').first().waitFor();
  }));

test('runs what was typed and shows the result', () =>
  graphiql('/graphql', DESKTOP, async page => {
    await write(page, 'query-editor', '{ package(slug: "openwisp-users") { slug } }');
    await page.waitForURL(/openwisp-users/);
    assert.deepEqual(await run(page), { data: { package: { slug: 'openwisp-users' } } });
    assert.match(await result(page), /"slug": "openwisp-users"/);
  }));

test('runs at once what was just pasted, with the keys and with the button', () =>
  graphiql('/graphql', DESKTOP, async page => {
    const documents = ['{ __typename }', 'query Two { __typename }', 'query A { __typename } query B { id: __typename }'];
    const keys = () => page.keyboard.press('ControlOrMeta+Enter');
    const button = () => page.getByRole('button', { name: /^Execute/ }).click();
    for (const start of [keys, button]) {
      for (const document of documents) {
        await write(page, 'query-editor', 'query Before { __typename }');
        await page.waitForURL(/operationName=Before/);
        const asked = page.waitForRequest(request => request.method() === 'POST');
        await write(page, 'query-editor', document); // GraphiQL reads it a moment later, and names Before until then.
        await start();
        const answer = await (await (await asked).response()).json();
        assert.deepEqual(answer, { data: { __typename: 'Query' } }, document);
      }
    }
  }));

test('every example opens in its tab with its variables', () =>
  graphiql('/graphql', DESKTOP, async page => {
    for (const { title, query: document, variables } of examples) {
      await openExample(page, title);
      await page.waitForURL(url => url.searchParams.get('query') === document);
      assert.equal(await query(page), document);
      assert.deepEqual(JSON.parse((await text(page, 'variables.json')) || '{}'), variables);
    }
  }));

test('opens a closed example again from the side bar, with its variables', () =>
  graphiql('/graphql?query=%7B__typename%7D', PHONE, async page => {
    await openExample(page, 'Search');
    await tab(page, 'Search').getByRole('button', { name: 'Close Tab' }).click();
    await page.getByRole('button', { name: 'Show Examples' }).tap();
    await screenshot(page, 'graphiql-phone-examples');
    await page.getByRole('region', { name: 'Examples' }).getByRole('button', { name: /^Search/ }).tap();
    await page.waitForURL(/operationName=Search/);
    assert.equal((await tabs(page)).at(-1), 'Search');
    assert.match(await text(page, 'variables.json'), /cache lock/);
    assert.ok(await editor(page, 'query-editor').isVisible());
  }));

test('the documentation lists every type', () =>
  graphiql('/graphql', DESKTOP, async page => {
    const { data } = await post({ query: '{ __schema { queryType { name } types { name } } }' });
    const wanted = data.__schema.types
      .map(type => type.name)
      .filter(name => !name.startsWith('__') && name !== data.__schema.queryType.name);
    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
    const listed = page.locator('.graphiql-doc-explorer-content .graphiql-doc-explorer-type-name');
    await listed.getByText('Package', { exact: true }).waitFor();
    assert.deepEqual((await listed.allInnerTexts()).slice(1).sort(), wanted.sort());
    await listed.getByText('Package', { exact: true }).click();
    await page.locator('.graphiql-doc-explorer-field-name').getByText('repoWatchers').waitFor();
    await screenshot(page, 'graphiql-docs');
  }));

test('the query builder writes the query', () =>
  graphiql('/graphql?query=%7Bpackage(slug%3A%22django-loci%22)%7Bslug%7D%7D', PHONE, async page => {
    await page.getByRole('button', { name: 'Show Query builder' }).tap();
    await page.getByRole('checkbox', { name: 'repoForks' }).tap();
    await page.waitForURL(/repoForks/);
    await screenshot(page, 'graphiql-phone-builder');
    await page.getByRole('button', { name: 'Hide Query builder' }).tap();
    assert.equal((await run(page)).data.package.slug, 'django-loci');
  }));

test('the address opens a query, follows the editing and is kept on reload', () => {
  const document = 'query One { package(slug: "django-loci") { id } }\nquery Two($s: String) { package(slug: $s) { slug } }';
  const search = new URLSearchParams({ query: document, variables: '{"s": "openwisp-users"}', operationName: 'Two' });
  return graphiql(`/graphql?${search}`, DESKTOP, async page => {
    assert.equal(await query(page), document);
    assert.deepEqual(await tabs(page), ['Two', ...titles]);
    const answered = page.waitForRequest(request => request.method() === 'POST');
    await editor(page, 'query-editor').locator('.view-line').nth(1).click();
    await page.keyboard.press('ControlOrMeta+Enter');
    assert.equal((await answered).postDataJSON().operationName, 'Two');

    await write(page, 'editor-tool', '{"s": "django-loci"}');
    await page.waitForURL(url => url.searchParams.get('variables') === '{"s": "django-loci"}');
    assert.equal(asked(page).get('query'), document);
    assert.equal(asked(page).get('operationName'), 'Two');

    await page.reload();
    await page.locator('.graphiql-query-editor .view-line').first().waitFor();
    assert.equal(await query(page), document);
    assert.equal(await text(page, 'variables.json'), '{"s": "django-loci"}');
  });
});

test('sends the headers of the headers editor, and keeps them out of the address', () =>
  graphiql('/graphql', DESKTOP, async page => {
    await page.getByRole('button', { name: 'Headers', exact: true }).click();
    await write(page, 'editor-tool', '{"x-request-id": "from-the-editor"}');
    await page.waitForFunction(() =>
      globalThis.__MONACO.editor.getModels().some(model => /from-the-editor/.test(model.getValue())),
    );
    const sent = page.waitForRequest(request => request.method() === 'POST');
    await page.getByRole('button', { name: /^Execute/ }).click();
    const headers = await (await sent).allHeaders();
    assert.equal(headers['x-request-id'], 'from-the-editor');
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers.accept, 'application/graphql-response+json, application/json;q=0.9');
    assert.doesNotMatch(page.url(), /from-the-editor/);
  }));
