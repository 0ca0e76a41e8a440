// The example frontend as a person meets it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { closePage, contrast, DESKTOP, launch, openPage, PHONE, screenshot, violations } from '../browser/browser.mjs';

const SAMPLE = JSON.parse(readFileSync(join(import.meta.dirname, '../../upstream/sample/catalogue.json'), 'utf8'));
const named = (list, slug) => SAMPLE[list].find(each => each.slug === slug);
const packagesOf = slug => named('grids', slug).packages.map(id => SAMPLE.packages.find(each => each.id === id));
const mostStarred = slug => packagesOf(slug).sort((one, other) => other.repo_watchers - one.repo_watchers);

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const openGrid = async (query, options) => {
  const page = await openPage(browser, `/example/?${query}`, options);
  await page.locator('tbody tr').first().waitFor();
  return page;
};
const search = page => page.getByRole('combobox', { name: 'Find a grid or a package' });
const titles = page => page.locator('tbody .title > a').allInnerTexts();
// Not page.url(): the browser tells of it a moment later.
const address = page => page.evaluate(() => location.search);
const isFocused = locator => locator.evaluate(element => element === document.activeElement);

/** Hands the requests of a query to a test. */
const onQuery = (page, name, handle) =>
  page.route(url => url.pathname === '/graphql' && url.searchParams.get('operationName') === name, handle);

test('shows the catalogue’s values, the most starred package first', async () => {
  const page = await openGrid('grid=geolocation');
  const expected = mostStarred('geolocation');
  assert.deepEqual(await titles(page), expected.map(each => each.title));
  for (const each of expected) {
    const row = page.locator(`tr[data-package="${each.slug}"]`);
    const cell = name => row.locator(`.${name}`);
    assert.equal(parseInt(await cell('stars').innerText()), each.repo_watchers);
    assert.equal(parseInt(await cell('forks').innerText()), each.repo_forks);
    assert.equal(Date.parse(await cell('updated').locator('time').getAttribute('datetime')), Date.parse(each.last_updated));
    assert.equal(await cell('pypi').innerText(), each.pypi_version);
    assert.equal(await cell('category').innerText(), 'App');
    assert.equal(await row.getByRole('link', { name: 'Repository' }).getAttribute('href'), each.repo_url);
  }
  assert.equal(await page.title(), 'Geolocation: 4 packages side by side');
  await closePage(page);
});

test('draws a bar for each week that had commits', async () => {
  const page = await openGrid('grid=geolocation');
  for (const { slug, commits_over_52: weeks } of packagesOf('geolocation')) {
    const sparkline = page.locator(`tr[data-package="${slug}"] .sparkline`);
    const bars = ((await sparkline.locator('.bars').getAttribute('d')) ?? '').match(/M\d+ 32v-[\d.]+/g) ?? [];
    const busy = [...weeks.keys()].filter(week => weeks[week]);
    assert.deepEqual(bars.map(bar => (parseInt(bar.slice(1)) - 1) / 3), busy);
    const total = weeks.reduce((sum, commits) => sum + commits);
    const label = `${total} commits in 52 weeks, at most ${Math.max(...weeks)} in one`;
    assert.equal(await sparkline.getAttribute('aria-label'), label);
    assert.ok((await sparkline.boundingBox()).width > 100);
  }
  await closePage(page);
});

test('a grid is found and opened with the keyboard alone', async () => {
  const page = await openPage(browser, '/example/');
  await page.getByRole('heading', { name: '40 grids' }).waitFor();
  for (let presses = 0; !(await isFocused(search(page))); presses++) {
    assert.ok(presses < 5);
    await page.keyboard.press('Tab');
  }
  await page.keyboard.type('geoloc');
  const option = page.getByRole('option', { name: /^Geolocation/ });
  await option.waitFor();
  await screenshot(page, 'frontend-search');
  await page.keyboard.press('ArrowDown');
  assert.equal(await search(page).getAttribute('aria-activedescendant'), await option.getAttribute('id'));
  assert.equal(await option.getAttribute('aria-selected'), 'true');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Geolocation' }).waitFor();
  assert.equal(await address(page), '?grid=geolocation');
  assert.ok(await isFocused(page.getByRole('main')));

  await page.goBack();
  await page.getByRole('heading', { name: '40 grids' }).waitFor();
  await closePage(page);
});

test('the search finds packages in their grids, closes on Escape, and says when there is nothing', async () => {
  const page = await openPage(browser, '/example/');
  await search(page).fill('qwertzuiop');
  await page.getByText('0 suggestions').waitFor();
  await search(page).fill('vectortiles');
  const option = page.getByRole('option', { name: /django-vectortiles\s*Package in Geolocation/ });
  await option.waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await option.isVisible(), false);
  await page.keyboard.press('ArrowDown');
  await option.click();
  const row = page.locator('tr[data-package="django-vectortiles"]');
  await row.waitFor();
  assert.ok(await isFocused(row));
  assert.equal(await address(page), '?grid=geolocation&package=django-vectortiles');
  await closePage(page);
});

test('all grids can be browsed, a page at a time', async () => {
  const page = await openPage(browser, '/example/');
  const cards = page.locator('.cards li');
  await cards.first().waitFor();
  assert.equal(await cards.count(), 24);
  await page.getByRole('button', { name: 'Show more grids' }).click();
  await cards.nth(39).waitFor();
  assert.equal(await cards.count(), 40);
  const maps = page.getByRole('link', { name: /^Maps/ });
  assert.match(await maps.innerText(), /5 packages/);
  await maps.click();
  await page.getByRole('heading', { level: 1, name: 'Maps' }).waitFor();
  await closePage(page);
});

test('sorts by a column, one way and the other; the address keeps it', async () => {
  const page = await openGrid('grid=maps');
  const byForks = packagesOf('maps').map(each => each.repo_forks).sort((one, other) => other - one);
  const forks = async () => (await page.locator('tbody .forks').allInnerTexts()).map(text => parseInt(text));
  const header = page.getByRole('columnheader', { name: 'Forks' });
  await header.getByRole('button').focus();
  await page.keyboard.press('Enter');
  assert.deepEqual(await forks(), byForks);
  assert.equal(await header.getAttribute('aria-sort'), 'descending');
  await page.keyboard.press('Enter');
  assert.deepEqual(await forks(), byForks.toReversed());
  assert.equal(await header.getAttribute('aria-sort'), 'ascending');
  assert.equal(await address(page), '?grid=maps&sort=-forks');

  await page.reload();
  await page.locator('tbody tr').first().waitFor();
  assert.deepEqual(await forks(), byForks.toReversed());
  await closePage(page);
});

test('shows the closest alternatives in the row and all of them in a dialog', async () => {
  const page = await openGrid('grid=geolocation');
  const cell = page.locator('tr[data-package="django-loci"] .alternatives');
  const closest = ['django-location-field 2 shared grids', 'django-reploc in Maps', 'django-markers in Maps'];
  assert.deepEqual(await cell.locator('li').allInnerTexts(), closest);
  const elsewhere = page.locator('tr[data-package="django-vectortiles"] .alternatives');
  assert.equal(await elsewhere.locator('.unknown').innerText(), 'The others of this grid');
  const all = cell.getByRole('button', { name: 'All 6 alternatives to django-loci' });
  await all.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Alternatives to django-loci' });
  await dialog.locator('li').first().waitFor();
  const others = new Set(['geolocation', 'maps'].flatMap(packagesOf).map(each => each.title));
  others.delete('django-loci');
  assert.deepEqual(new Set(await dialog.locator('li strong').allInnerTexts()), others);
  assert.equal(await address(page), '?grid=geolocation&alternatives=django-loci');
  assert.deepEqual(await violations(page), []);
  await screenshot(page, 'frontend-alternatives');
  await page.keyboard.press('Escape');
  // The dialog is hidden before the page hears of it.
  await page.waitForFunction(() => location.search === '?grid=geolocation');
  assert.equal(await dialog.count(), 0);
  assert.ok(await isFocused(all));

  await cell.getByRole('link', { name: 'django-reploc' }).click();
  await page.getByRole('heading', { level: 1, name: 'Maps' }).waitFor();
  const row = page.locator('tr[data-package="django-reploc"]');
  assert.ok(await isFocused(row));
  await closePage(page);
});

test('leads to the query in GraphiQL', async () => {
  const page = await openGrid('grid=geolocation');
  const link = page.getByRole('link', { name: 'The query behind this page, in GraphiQL' });
  const { searchParams } = new URL(await link.getAttribute('href'), page.url());
  const answer = await page.request.post(new URL('/graphql', page.url()).href, {
    data: { query: searchParams.get('query'), variables: JSON.parse(searchParams.get('variables')) },
  });
  const { data } = await answer.json();
  assert.equal(data.grid.packages.length, 4);
  await closePage(page);
});

test('says that it is loading, that the gateway failed, and tries again', async () => {
  const page = await openPage(browser, '/example/');
  await page.locator('.cards li').first().waitFor();
  let release;
  const asked = new Promise(resolve => onQuery(page, 'CompareGrid', route => resolve((release = route))));
  await page.getByRole('link', { name: /^Geolocation/ }).click();
  await asked;
  await page.getByRole('status', { name: 'Loading the grid' }).waitFor();
  await release.abort();
  await page.getByRole('alert').getByText('The gateway could not be reached').waitFor();
  await screenshot(page, 'frontend-failed');
  page.faults.length = 0; // The failure that was meant.

  await page.unrouteAll();
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('tbody tr').first().waitFor();
  assert.equal(await page.getByRole('alert').count(), 0);
  await closePage(page);
});

test('shows what there is when a part failed', async () => {
  const page = await openPage(browser, '/example/');
  await page.locator('.cards li').first().waitFor();
  await onQuery(page, 'CompareGrid', async route => {
    const answer = await route.fetch();
    const { data } = await answer.json();
    data.grid.packages[0] = null;
    const errors = [{ message: 'The upstream took too long.', path: ['grid', 'packages', 0] }];
    await route.fulfill({ json: { data, errors } });
  });
  await page.getByRole('link', { name: /^Geolocation/ }).click();
  await page.getByRole('alert').getByText('The upstream took too long.').waitFor();
  assert.equal((await titles(page)).length, 3);
  await closePage(page);
});

test('says when there is no such grid, and when a grid is empty', async () => {
  const page = await openPage(browser, '/example/?grid=no-such-thing');
  await page.getByText('No grid is called “no-such-thing”').waitFor();
  await onQuery(page, 'CompareGrid', async route => {
    const answer = await route.fetch();
    const { data } = await answer.json();
    await route.fulfill({ json: { data: { grid: { ...data.grid, packages: [] } } } });
  });
  await page.getByRole('link', { name: 'all grids', exact: true }).click();
  await page.getByRole('link', { name: /^Geolocation/ }).click();
  await page.getByText('Nobody has put a package into this grid yet').waitFor();
  await closePage(page);
});

test('a package that cannot be linked safely is text', async () => {
  const page = await openPage(browser, '/example/');
  await page.locator('.cards li').first().waitFor();
  await onQuery(page, 'CompareGrid', async route => {
    const answer = await route.fetch();
    const { data } = await answer.json();
    data.grid.packages[0].repoUrl = 'javascript:alert(1)';
    await route.fulfill({ json: { data } });
  });
  await page.getByRole('link', { name: /^Geolocation/ }).click();
  await page.locator('tbody tr').first().waitFor();
  assert.equal(await page.locator('tbody').getByText('Repository').count(), 4);
  assert.equal(await page.getByRole('link', { name: 'Repository' }).count(), 3);
  await closePage(page);
});

for (const [screen, options] of Object.entries({ desktop: DESKTOP, phone: PHONE })) {
  for (const colorScheme of ['light', 'dark']) {
    for (const [view, query] of Object.entries({ home: '', grid: 'grid=maps&package=django-loci' })) {
      test(`fits the screen and can be read: ${view}, ${screen}, ${colorScheme}`, async () => {
        const page = await openPage(browser, `/example/?${query}`, { ...options, colorScheme });
        await page.locator(view === 'home' ? '.cards li' : 'tbody tr').first().waitFor();
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${overflow} px wider than the screen`);
        assert.deepEqual(await contrast(page), []);
        if (colorScheme === 'light') assert.deepEqual(await violations(page), []);
        await screenshot(page, `frontend-${view}-${screen}-${colorScheme}`, { fullPage: true });
        await closePage(page);
      });
    }
  }
}

test('a phone sorts cards, and each says what its values are', async () => {
  const page = await openGrid('grid=geolocation', PHONE);
  await page.getByRole('combobox', { name: 'Sort by' }).selectOption('Package');
  assert.deepEqual(await titles(page), packagesOf('geolocation').map(each => each.title).sort());
  const label = await page.locator('td.stars').first().evaluate(cell => getComputedStyle(cell, '::before').content);
  assert.equal(label, '"Stars"');
  await closePage(page);
});

test('weighs little', async () => {
  const page = await openGrid('grid=geolocation');
  await page.waitForLoadState('networkidle');
  assert.ok((await page.bytes()) < 120_000, `${await page.bytes()} bytes`);
  await closePage(page);
});
